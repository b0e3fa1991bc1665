/// The servers that a client trusts; by default those with a certificate of the system's authorities for their name.
public struct TLSClientConfiguration: Sendable, Hashable {
    /// The authorities that may certify a server.
    public enum Authorities: Sendable, Hashable {
        /// The authorities that the system trusts.
        case system
        /// Those in a PEM file, and no others.
        case file(String)
        /// Those in a PEM text, and no others.
        case pem(String)
    }

    /// The authorities that may certify a server.
    public var authorities: Authorities
    /// The name to ask for and to verify, where it is not the one connected to.
    public var serverName: String?
    /// Whether the server's certificate is verified; without that, anyone on the path can read and change everything.
    public var verifiesServer: Bool

    public init(authorities: Authorities = .system, serverName: String? = nil, verifiesServer: Bool = true) {
        self.authorities = authorities
        self.serverName = serverName
        self.verifiesServer = verifiesServer
    }

    /// Trusts anybody: for a self-signed server on one's own machine.
    public static let insecure = TLSClientConfiguration(verifiesServer: false)
}
