public import PondCore

/// A client's trust, shared by all its connections.
public final class TLSClient: Sendable {
    private let serverName: String?
    private let context: TLSContext

    /// Reads the authorities.
    public init(_ configuration: TLSClientConfiguration = TLSClientConfiguration()) throws(PondError) {
        self.serverName = configuration.serverName
        do {
            self.context = try TLSContext(client: configuration)
        } catch {
            throw PondError.internalError("TLS: \(error)")
        }
    }

    func session(for host: String) throws(TLSFault) -> TLSSession {
        try TLSSession(client: self.context, name: self.serverName ?? host)
    }
}
