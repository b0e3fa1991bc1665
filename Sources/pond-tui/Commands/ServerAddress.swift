/// The address of a server as people type it.
enum ServerAddress {
    /// The port of a server named without a scheme.
    static let defaultPort = 4_000
    /// Where a pond-server listens for the chat.
    static let defaultPath = "/socket"

    /// The URL of `host`, `host:port`, `ws://…`, `wss://…`, `http://…` or `https://…`; `nil` when it is none of them.
    static func url(_ text: String) -> String? {
        let schemes = [("ws://", "ws"), ("wss://", "wss"), ("http://", "ws"), ("https://", "wss")]
        let known = schemes.first { text.lowercased().hasPrefix($0.0) }
        if known == nil, text.contains("://") { return nil }
        let rest = text.dropFirst(known?.0.count ?? 0)
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        var host = String(rest[..<end])
        guard Self.isHost(host) else { return nil }
        if known == nil, Self.port(of: host) == nil { host += ":\(Self.defaultPort)" }
        let path = rest[end...]
        let hasPath = !path.isEmpty && path != "/"
        return "\(known?.1 ?? "ws")://\(host)" + (hasPath ? String(path) : Self.defaultPath)
    }

    /// The path of a URL.
    static func path(of url: String) -> String {
        let rest = url.firstRange(of: "://").map { url[$0.upperBound...] } ?? url[...]
        return rest.firstIndex(of: "/").map { String(rest[$0...].prefix { $0 != "?" }) } ?? "/"
    }

    /// Letters, digits, dots and the like, with a port where there is one; `[::1]:4000` too.
    private static func isHost(_ text: String) -> Bool {
        var name = text[...]
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return false }
            guard text[..<end].dropFirst().allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." }) else { return false }
            let rest = text[text.index(after: end)...]
            return rest.isEmpty || Self.port(of: text) != nil
        }
        if let colon = text.lastIndex(of: ":") {
            guard Self.port(of: text) != nil else { return false }
            name = text[..<colon]
        }
        guard let first = name.first, first.isLetter || first.isNumber else { return false }
        return name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "." || $0 == "_" }
    }

    private static func port(of host: String) -> Int? {
        guard let colon = host.lastIndex(of: ":"), host.firstIndex(of: "]").map({ $0 < colon }) ?? true,
            let port = Int(host[host.index(after: colon)...]), (1...65_535).contains(port)
        else { return nil }
        return port
    }
}
