/// The first lines of a request, checked.
package struct HTTPRequestHead: Hashable {
    package let method: String
    /// The target's path as it was sent, percent-encoding included.
    package let path: String
    /// What followed the first `?`, as it was sent.
    package let query: String
    /// The x of HTTP/1.x.
    package let minorVersion: Int
    package let headers: HTTPHeaders
    package let body: HTTPBodyFraming
    /// Whether the connection may serve another request after this one.
    package let keepAlive: Bool

    init(_ head: HTTPHeadDecoder.Head) throws(HTTPFault) {
        let line = head.startLine
        guard let first = line.firstIndex(of: 0x20), let second = line[(first + 1)...].firstIndex(of: 0x20),
            !line[(second + 1)...].contains(0x20)
        else { throw HTTPFault(400, "Invalid request line") }
        let (method, version) = (line[..<first], line[(second + 1)...])
        guard !method.isEmpty, method.count <= 32, method.allSatisfy(HTTPHeadDecoder.isTokenByte) else {
            throw HTTPFault(400, "Invalid method")
        }
        if version.elementsEqual("HTTP/1.1".utf8) {
            self.minorVersion = 1
        } else if version.elementsEqual("HTTP/1.0".utf8) {
            self.minorVersion = 0
        } else {
            throw version.starts(with: "HTTP/".utf8)
                ? HTTPFault(505, "Unknown HTTP version") : HTTPFault(400, "Invalid request line")
        }
        let written = line[(first + 1)..<second]
        guard written.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), let target = Self.originForm(written) else {
            throw HTTPFault(400, "Invalid request target")
        }
        let mark = target.firstIndex(of: 0x3F) ?? target.endIndex
        self.method = HTTPHeadDecoder.text(method)
        self.path = HTTPHeadDecoder.text(target[..<mark])
        self.query = HTTPHeadDecoder.text(target[mark...].dropFirst())

        let hosts = head.headers.count(of: "Host")
        guard hosts == 1 || hosts == 0 && self.minorVersion == 0 else {
            throw HTTPFault(400, hosts == 0 ? "Missing Host" : "Repeated Host")
        }
        self.body = try HTTPBodyFraming(head.headers) ?? .none
        if self.minorVersion == 0, self.body == .chunked { throw HTTPFault(400, "Transfer-Encoding in HTTP/1.0") }
        self.keepAlive =
            self.minorVersion == 1
            ? !head.headers.hasToken("close", in: "Connection")
            : head.headers.hasToken("keep-alive", in: "Connection")
        self.headers = head.headers
    }

    /// Path and query of `/path?query`, of `http://host/path?query` and of `*`.
    private static func originForm(_ target: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        if target.first == 0x2F || target.elementsEqual([0x2A]) { return target }
        let lower = target.prefix(8).map(\.asciiLowercased)
        let scheme = lower.starts(with: "http://".utf8) ? 7 : lower.starts(with: "https://".utf8) ? 8 : 0
        guard scheme > 0 else { return nil }
        let rest = target.dropFirst(scheme)
        guard let slash = rest.firstIndex(of: 0x2F) else { return nil }
        return rest[slash...]
    }
}
