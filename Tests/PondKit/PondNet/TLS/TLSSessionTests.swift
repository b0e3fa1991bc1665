import CPondTLS
import Testing

@testable import PondNet

@Suite struct TLSSessionTests {
    private func pair() throws -> (client: TLSSession, server: TLSSession) {
        let server = try TLSContext(server: .selfSigned())
        let client = try TLSContext(client: .insecure)
        return (try TLSSession(client: client, name: "localhost"), try TLSSession(server: server))
    }

    /// Moves what one side has to say to the other, in pieces of at most `step` bytes.
    private func move(from: TLSSession, to: TLSSession, step: Int, each: () -> Void) {
        var bytes: [UInt8] = []
        from.takeOutput { bytes += $0 }
        var rest = bytes[...]
        while !rest.isEmpty {
            rest.prefix(step).withUnsafeBytes { _ = to.receive($0) }
            rest = rest.dropFirst(step)
            each()
        }
    }

    private func plaintext(of session: TLSSession) -> [UInt8] {
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1000)
        while case .bytes(let count) = buffer.withUnsafeMutableBytes({ session.read(into: $0) }) {
            all += buffer[..<count]
        }
        return all
    }

    @Test(arguments: [1, 7, 100_000])
    func agreesAndCarriesBytesHoweverTheCiphertextIsCut(step: Int) throws {
        let (client, server) = try self.pair()
        var progress: [TLSSession.Progress] = [client.handshake(), server.handshake()]
        for _ in 0..<4 {
            self.move(from: client, to: server, step: step) { progress[1] = server.handshake() }
            self.move(from: server, to: client, step: step) { progress[0] = client.handshake() }
        }
        #expect(progress == [.done, .done])
        #expect(client.applicationProtocol == "http/1.1")
        #expect(server.applicationProtocol == "http/1.1")
        let text = (0..<40_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        #expect(text.withUnsafeBytes { client.write($0) } == nil)
        var arrived: [UInt8] = []
        self.move(from: client, to: server, step: step) { arrived += self.plaintext(of: server) }
        #expect(arrived == text)
        server.sayGoodbye()
        self.move(from: server, to: client, step: step) {}
        var buffer = [UInt8](repeating: 0, count: 16)
        #expect(buffer.withUnsafeMutableBytes { client.read(into: $0) } == .ended)
    }

    @Test(arguments: [
        ("ECDHE-ECDSA-AES128-GCM-SHA256", true), ("ECDHE-ECDSA-CHACHA20-POLY1305", true),
        ("ECDHE-ECDSA-AES128-SHA", false), ("ECDHE-ECDSA-AES256-SHA384", false),
    ])
    func offersOnlyAuthenticatedEncryptionInTLS12(suite: String, isOffered: Bool) throws {
        let context = try TLSContext(client: .insecure)
        SSL_CTX_ctrl(context.pointer, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(TLS1_2_VERSION), nil)
        #expect(SSL_CTX_set_cipher_list(context.pointer, suite) == 1)
        let client = try TLSSession(client: context, name: "localhost")
        let server = try TLSSession(server: try TLSContext(server: .selfSigned()))
        var progress: [TLSSession.Progress] = [client.handshake(), server.handshake()]
        for _ in 0..<4 {
            self.move(from: client, to: server, step: .max) { progress[1] = server.handshake() }
            self.move(from: server, to: client, step: .max) { progress[0] = client.handshake() }
        }
        #expect((progress == [.done, .done]) == isOffered)
    }

    @Test func aChangedRecordIsAFault() throws {
        let (client, server) = try self.pair()
        _ = client.handshake()
        for _ in 0..<4 {
            self.move(from: client, to: server, step: .max) { _ = server.handshake() }
            self.move(from: server, to: client, step: .max) { _ = client.handshake() }
        }
        _ = [1, 2, 3].withUnsafeBytes { client.write($0) }
        var bytes: [UInt8] = []
        client.takeOutput { bytes += $0 }
        bytes[bytes.count - 1] ^= 1
        bytes.withUnsafeBytes { _ = server.receive($0) }
        var buffer = [UInt8](repeating: 0, count: 16)
        guard case .failed = buffer.withUnsafeMutableBytes({ server.read(into: $0) }) else {
            Issue.record("a changed record was taken")
            return
        }
    }

    @Test(arguments: ["", "a,b", "a\nb", "DNS:x,IP:1.2.3.4"])
    func aNameThatIsNoNameMakesNoCertificate(name: String) {
        #expect(throws: TLSFault.self) { _ = try SelfSignedIdentity(names: [name]) }
    }
}
