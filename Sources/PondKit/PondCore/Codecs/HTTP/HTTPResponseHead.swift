/// The first lines of a response, checked.
package struct HTTPResponseHead: Hashable {
    package let status: Int
    package let headers: HTTPHeaders
    let body: HTTPBodyFraming
    /// Whether another request may follow on the connection.
    package let keepAlive: Bool

    init(_ head: HTTPHeadDecoder.Head) throws(HTTPFault) {
        let line = head.startLine
        let digits = line.dropFirst(9).prefix(3)
        guard line.starts(with: "HTTP/1.".utf8), line.count >= 12, line[7] == 0x31 || line[7] == 0x30, line[8] == 0x20,
            digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), line.count == 12 || line[12] == 0x20
        else {
            throw HTTPFault(502, "Invalid status line")
        }
        self.status = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        let framing = try HTTPBodyFraming(head.headers)
        let bodiless = self.status / 100 == 1 || self.status == 204 || self.status == 304
        self.body = bodiless ? .none : framing ?? .untilEnd
        self.headers = head.headers
        self.keepAlive = line[7] == 0x31 && self.body != .untilEnd && !head.headers.hasToken("close", in: "Connection")
    }
}
