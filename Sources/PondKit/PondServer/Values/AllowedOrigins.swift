public import PondCore

/// The web pages that may connect, by the `Origin` a browser sends; other clients send none and are not asked.
public enum AllowedOrigins: Sendable, Hashable {
    /// Every page.
    case any
    /// Pages of the host that the request names. A page on plain HTTP must name it by an IP address or `localhost`:
    /// any other name can be made to resolve to this server by a stranger's page (DNS rebinding). List such pages.
    case sameHost
    /// These, written as a browser sends them: `https://chat.example`.
    case these(Set<String>)

    /// Whether a request with these headers may connect.
    public func allows(_ headers: HTTPHeaders) -> Bool {
        guard let origin = headers["Origin"] else { return true }
        switch self {
        case .any: return true
        case .these(let origins): return origins.contains(origin)
        case .sameHost:
            guard let host = headers["Host"]?.lowercased(), let scheme = origin.firstRange(of: "://"),
                origin[scheme.upperBound...].lowercased() == host
            else { return false }
            // Behind TLS the certificate proves the name.
            return origin[..<scheme.lowerBound].lowercased() == "https" || Self.cannotBeRebound(host)
        }
    }

    /// Whether a host's name means the same machine wherever it is resolved.
    private static func cannotBeRebound(_ host: String) -> Bool {
        if host.hasPrefix("[") {
            let address = host.dropFirst().prefix { $0 != "]" }
            return AddressRange(String(address)) != nil
        }
        let name = host.prefix { $0 != ":" }
        return name == "localhost" || name.hasSuffix(".localhost")
            || !name.contains("/") && AddressRange(String(name)) != nil
    }
}
