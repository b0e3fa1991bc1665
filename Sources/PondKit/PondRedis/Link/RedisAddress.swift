public import PondCore

/// Where a Redis server is and how to introduce oneself: `redis://user:password@host:6379/0`, `rediss://` with TLS.
public struct RedisAddress: Sendable, Hashable {
    public var host: String
    public var port: Int
    /// Whether the connection is secured with TLS.
    public var isSecure: Bool
    public var user: String?
    public var password: String?
    public var database: Int

    public init(
        host: String = "127.0.0.1",
        port: Int = 6379,
        isSecure: Bool = false,
        user: String? = nil,
        password: String? = nil,
        database: Int = 0
    ) {
        self.host = host
        self.port = port
        self.isSecure = isSecure
        self.user = user
        self.password = password
        self.database = database
    }

    /// Reads a URL; user and password may be percent-encoded.
    public init(url: String) throws(PondError) {
        let isSecure = url.hasPrefix("rediss://")
        guard isSecure || url.hasPrefix("redis://") else { throw Self.unreadable }
        var rest = url.dropFirst(isSecure ? 9 : 8)
        if let end = rest.firstIndex(where: { $0 == "?" || $0 == "#" }) { rest = rest[..<end] }
        var database = 0
        if let slash = rest.firstIndex(of: "/") {
            let name = rest[rest.index(after: slash)...]
            rest = rest[..<slash]
            if !name.isEmpty {
                guard let number = Int(name, radix: 10), number >= 0 else { throw Self.unreadable }
                database = number
            }
        }
        var user: String?
        var password: String?
        if let at = rest.lastIndex(of: "@") {
            let credentials = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            rest = rest[rest.index(after: at)...]
            let parts = credentials.map { Self.decoded($0) }
            guard parts.allSatisfy({ $0 != nil }), let first = parts[0] else { throw Self.unreadable }
            user = first.isEmpty ? nil : first
            password = parts.count == 2 ? parts[1] : nil
        }
        let (host, port) = try Self.hostAndPort(rest)
        self.init(
            host: host,
            port: port,
            isSecure: isSecure,
            user: user,
            password: password,
            database: database
        )
    }

    /// What introduces a connection to the server; each is answered.
    var greeting: [[String]] {
        var commands: [[String]] = []
        if let password = self.password {
            commands.append(["AUTH"] + (self.user.map { [$0] } ?? []) + [password])
        }
        if self.database != 0 { commands.append(["SELECT", String(self.database)]) }
        commands.append(["PING"])
        return commands
    }

    private static var unreadable: PondError {
        // The URL may hold a password, so it is not repeated.
        PondError(
            code: 400,
            kind: .badRequest,
            message: "Not a Redis URL: expected redis[s]://[user[:password]@]host[:port][/database]"
        )
    }

    private static func hostAndPort(_ text: Substring) throws(PondError) -> (String, Int) {
        var host = text
        var port = 6379
        let isLiteral = text.hasPrefix("[")
        let end = isLiteral ? text.firstIndex(of: "]") : text.startIndex
        guard let end else { throw Self.unreadable }
        if let colon = text[end...].lastIndex(of: ":") {
            guard let number = Int(text[text.index(after: colon)...], radix: 10), (1...65_535).contains(number) else {
                throw Self.unreadable
            }
            port = number
            host = text[..<colon]
        }
        if isLiteral { host = host.dropFirst().dropLast() }
        guard !host.isEmpty else { throw Self.unreadable }
        return (String(host), port)
    }

    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}

extension RedisAddress: CustomStringConvertible {
    /// The address without user and password, for a log.
    public var description: String {
        let scheme = self.isSecure ? "rediss" : "redis"
        let host = self.host.contains(":") ? "[\(self.host)]" : self.host
        return "\(scheme)://\(host):\(self.port)/\(self.database)"
    }
}
