public import PondCore

/// Where one attempt to connect goes, and what it says there.
public struct ClientTarget: Sendable {
    /// Whether TLS is spoken.
    public var isSecure: Bool
    /// The name or address, an IPv6 address without its brackets.
    public var host: String
    /// The port.
    public var port: Int
    /// The path of the endpoint.
    public var path: String
    /// The query, escaped, without its `?`.
    public private(set) var query: String
    /// What the handshake's request carries besides what the transport needs.
    public var headers: HTTPHeaders = [:]
    /// How the server of a secure target is checked.
    public var tls: TLSClient?
    /// What opening the transport may take.
    public var deadline: Duration = .seconds(10)
    /// How long the server may take to answer one request of a transport that sends messages as requests.
    public var answerTime: Duration = .seconds(6)
    /// The bounds of what the server may send.
    public var limits = Limits.default

    /// The target of a `ws`, `wss`, `http` or `https` URL.
    public init(url: String) throws(PondError) {
        guard let colon = url.range(ofASCII: "://") else { throw Self.fault(url, "has no scheme") }
        switch url[..<colon.lowerBound].lowercased() {
        case "ws", "http": self.isSecure = false
        case "wss", "https": self.isSecure = true
        case let other: throw Self.fault(url, "has the unknown scheme \(other)")
        }
        let rest = url[colon.upperBound...].prefix { $0 != "#" }
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let target = rest[authority.endIndex...]
        let path = target.prefix { $0 != "?" }
        self.path = path.isEmpty ? "/" : String(path)
        self.query = String(target[path.endIndex...].dropFirst())
        self.port = self.isSecure ? 443 : 80
        self.host = ""
        guard !authority.contains("@") else { throw Self.fault(url, "must not hold a name or password") }
        try self.read(authority, of: url)
        let visible = (self.path + self.query + self.host).utf8
        guard visible.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { throw Self.fault(url, "holds white space") }
    }

    private mutating func read(_ authority: Substring, of url: String) throws(PondError) {
        var port: Substring?
        if authority.first == "[" {
            guard let end = authority.firstIndex(of: "]") else { throw Self.fault(url, "has an unclosed [") }
            self.host = String(authority[authority.index(after: authority.startIndex)..<end])
            let after = authority[authority.index(after: end)...]
            guard after.isEmpty || after.first == ":" else { throw Self.fault(url, "has no port after ]") }
            port = after.isEmpty ? nil : after.dropFirst()
        } else {
            let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count <= 2 else { throw Self.fault(url, "needs [ ] around an IPv6 address") }
            self.host = parts.first.map(String.init) ?? ""
            port = parts.count == 2 ? parts[1] : nil
        }
        guard !self.host.isEmpty else { throw Self.fault(url, "has no host") }
        guard let port, !port.isEmpty else { return }
        guard let number = UInt16(port), number > 0 else { throw Self.fault(url, "has no valid port") }
        self.port = Int(number)
    }

    /// Adds a parameter to the query, escaping both parts.
    public mutating func addQuery(_ name: String, _ value: String) {
        if !self.query.isEmpty { self.query += "&" }
        self.query += "\(Self.escape(name))=\(Self.escape(value))"
    }

    /// The request line's target.
    public var requestTarget: String { self.query.isEmpty ? self.path : "\(self.path)?\(self.query)" }

    /// The value of the `Host` header.
    public var authority: String {
        let host = self.host.contains(":") ? "[\(self.host)]" : self.host
        return self.port == (self.isSecure ? 443 : 80) ? host : "\(host):\(self.port)"
    }

    private static func escape(_ text: String) -> String {
        var escaped: [UInt8] = []
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: escaped.append(byte)
            default: escaped += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: escaped, as: UTF8.self)
    }

    private static func fault(_ url: String, _ what: String) -> PondError {
        .badRequest("The URL \(url.prefix { $0 != "?" }) \(what)")
    }
}

extension String {
    fileprivate func range(ofASCII needle: String) -> Range<String.Index>? {
        guard let first = needle.first else { return nil }
        var start = self.startIndex
        while let candidate = self[start...].firstIndex(of: first) {
            if self[candidate...].hasPrefix(needle) {
                return candidate..<self.index(candidate, offsetBy: needle.count)
            }
            start = self.index(after: candidate)
        }
        return nil
    }
}
