/// How a client checks the server of a `wss` or `https` URL.
public struct ClientTLSOptions: Sendable, Hashable {
    /// Whether the certificate must be valid for the host; turn it off for self-signed test servers only.
    public var verifiesCertificate = true
    /// A PEM file of authorities to trust instead of the system's.
    public var authoritiesFile: String?
    /// The name the certificate must carry, when it is not the host of the URL.
    public var serverName: String?

    /// Certificates are checked against the system's authorities.
    public init() {}
}
