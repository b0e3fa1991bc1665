/// The web pages that may connect, by the `Origin` a browser sends; other clients send none and are not asked.
public enum AllowedOrigins: Sendable, Hashable {
    /// Every page.
    case any
    /// Pages of the host that the request names.
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
            guard let host = headers["Host"], let scheme = origin.firstRange(of: "://") else { return false }
            return origin[scheme.upperBound...].lowercased() == host.lowercased()
        }
    }
}
