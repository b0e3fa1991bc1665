/// A server's certificate and key, for TLS 1.2 and later.
public struct TLSServerConfiguration: Sendable, Hashable {
    /// Where the certificate and its key come from.
    public enum Identity: Sendable, Hashable {
        /// PEM files: the certificate followed by its chain, and the private key.
        case files(certificateChain: String, privateKey: String)
        /// A certificate made when the server starts, for these names and addresses; clients do not trust it by default.
        case selfSigned(names: [String])
    }

    /// Where the certificate and its key come from.
    public var identity: Identity

    public init(identity: Identity) { self.identity = identity }

    /// A certificate and key from PEM files.
    public static func files(certificateChain: String, privateKey: String) -> TLSServerConfiguration {
        TLSServerConfiguration(identity: .files(certificateChain: certificateChain, privateKey: privateKey))
    }

    /// A certificate made when the server starts.
    public static func selfSigned(names: [String] = ["localhost", "127.0.0.1", "::1"]) -> TLSServerConfiguration {
        TLSServerConfiguration(identity: .selfSigned(names: names))
    }
}
