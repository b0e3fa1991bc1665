public import PondCore
import PondRuntime

/// A server's certificate, which can be replaced while connections live.
public final class TLSServer: Sendable {
    private let configuration: TLSServerConfiguration
    private let context: Lock<TLSContext>

    /// Reads the files or makes the certificate.
    public init(_ configuration: TLSServerConfiguration) throws(PondError) {
        self.configuration = configuration
        do {
            self.context = Lock(try TLSContext(server: configuration))
        } catch {
            throw PondError.internalError("TLS: \(error)")
        }
    }

    /// Reads the files again; new connections get the new certificate, and a fault leaves the old one in place.
    public func reload() throws(PondError) {
        do {
            let context = try TLSContext(server: self.configuration)
            self.context.withLock { $0 = context }
        } catch {
            throw PondError.internalError("TLS: \(error)")
        }
    }

    func session() throws(TLSFault) -> TLSSession {
        try TLSSession(server: self.context.withLock { $0 })
    }
}
