/// Whom a client trusts: unless said otherwise, who the system's authorities vouch for under the name asked for.
public struct TLSClientConfiguration: Sendable, Hashable {
    /// Who may vouch for a server.
    public enum Authorities: Sendable, Hashable {
        /// The authorities that the system trusts.
        case system
        /// Those in a PEM file, and no others.
        case file(String)
        /// Those in a PEM text, and no others.
        case pem(String)
    }

    /// Who may vouch for a server.
    public var authorities: Authorities
    /// The name to ask for and to verify, where it is not the one connected to.
    public var serverName: String?
    /// Whether the server must prove who it is; without that anybody on the way can read and change everything.
    public var verifiesServer: Bool

    public init(authorities: Authorities = .system, serverName: String? = nil, verifiesServer: Bool = true) {
        self.authorities = authorities
        self.serverName = serverName
        self.verifiesServer = verifiesServer
    }

    /// Trusts anybody: for a self-signed server on one's own machine.
    public static let insecure = TLSClientConfiguration(verifiesServer: false)
}
