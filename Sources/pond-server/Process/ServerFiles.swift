import PondKit

/// The files that a configuration names.
enum ServerFiles {
    /// What is wrong with them.
    static func faults(of configuration: ServerConfiguration) -> [String] {
        var faults: [String] = []
        if let file = configuration.tokenSecretFile {
            do throws(StartFailure) { _ = try TokenSecrets.signer(file: file) } catch { faults.append(error.message) }
        }
        do throws(StartFailure) { _ = try Self.tls(configuration) } catch { faults.append(error.message) }
        return faults
    }

    /// The certificate and key; `nil` where the server speaks plain HTTP.
    static func tls(_ configuration: ServerConfiguration) throws(StartFailure) -> TLSServer? {
        do throws(PondError) {
            if let certificate = configuration.certificateFile, let key = configuration.keyFile {
                return try TLSServer(.files(certificateChain: certificate, privateKey: key))
            }
            guard configuration.selfSigned else { return nil }
            return try TLSServer(.selfSigned(names: ["localhost", "127.0.0.1", "::1"]))
        } catch {
            throw StartFailure(.configuration, error.message)
        }
    }
}
