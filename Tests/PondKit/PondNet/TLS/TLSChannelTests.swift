import Foundation
import Testing

@testable import PondCore
@testable import PondNet
@testable import PondRuntime

@Suite(.timeLimit(.minutes(1))) struct TLSChannelTests {
    /// A certificate and its key in files, and a client configuration that trusts it.
    private struct Files {
        let certificate: String
        let key: String

        init() {
            let base = FileManager.default.temporaryDirectory.appendingPathComponent("pond-\(UUID().uuidString)").path
            self.certificate = base + ".crt"
            self.key = base + ".key"
        }

        var server: TLSServerConfiguration { .files(certificateChain: self.certificate, privateKey: self.key) }

        func put(_ identity: SelfSignedIdentity) throws {
            try identity.certificatePEM.write(toFile: self.certificate, atomically: true, encoding: .utf8)
            try identity.keyPEM.write(toFile: self.key, atomically: true, encoding: .utf8)
        }

        func remove() {
            try? FileManager.default.removeItem(atPath: self.certificate)
            try? FileManager.default.removeItem(atPath: self.key)
        }
    }

    private func trusting(_ identity: SelfSignedIdentity, name: String? = nil) throws -> TLSClient {
        try TLSClient(TLSClientConfiguration(authorities: .pem(identity.certificatePEM), serverName: name))
    }

    /// What a client is told that connects to a server with this identity.
    private func refusal(
        by client: TLSClientConfiguration,
        of identity: SelfSignedIdentity
    ) async throws -> String? {
        let files = Files()
        try files.put(identity)
        defer { files.remove() }
        let net = try await Loopback(tls: try TLSServer(files.server))
        let tls = try TLSClient(client)
        var refusal: String?
        do {
            let connection = try await net.connect(tls: tls)
            await connection.write([42])
            #expect(await connection.received(1) == [42])
        } catch let error as PondError {
            refusal = error.message
        }
        await net.stop()
        return refusal
    }

    @Test(arguments: ["localhost", "127.0.0.1", nil])
    func aServerThatProvesItsNameIsTrusted(name: String?) async throws {
        let identity = try SelfSignedIdentity(names: ["localhost", "127.0.0.1"])
        let client = TLSClientConfiguration(authorities: .pem(identity.certificatePEM), serverName: name)
        #expect(try await self.refusal(by: client, of: identity) == nil)
    }

    @Test func aServerWithAnotherNameIsRefused() async throws {
        let identity = try SelfSignedIdentity(names: ["other.example"])
        let client = TLSClientConfiguration(authorities: .pem(identity.certificatePEM), serverName: "localhost")
        #expect(try await self.refusal(by: client, of: identity)?.contains("hostname mismatch") == true)
    }

    @Test func aServerWithAnotherIPAddressIsRefused() async throws {
        let identity = try SelfSignedIdentity(names: ["localhost", "127.0.0.9"])
        let client = TLSClientConfiguration(authorities: .pem(identity.certificatePEM))
        #expect(try await self.refusal(by: client, of: identity)?.contains("IP address mismatch") == true)
    }

    @Test func aServerThatVouchesForItselfIsRefusedUnlessAsked() async throws {
        let identity = try SelfSignedIdentity(names: ["localhost", "127.0.0.1"])
        let refusal = try await self.refusal(by: TLSClientConfiguration(serverName: "localhost"), of: identity)
        #expect(refusal?.contains("self-signed") == true)
        #expect(try await self.refusal(by: .insecure, of: identity) == nil)
    }

    @Test func anExpiredCertificateIsRefused() async throws {
        let identity = try SelfSignedIdentity(names: ["localhost"], lifetime: -60)
        let client = TLSClientConfiguration(authorities: .pem(identity.certificatePEM), serverName: "localhost")
        #expect(try await self.refusal(by: client, of: identity)?.contains("expired") == true)
    }

    @Test func newConnectionsGetTheNewCertificateAfterAReload() async throws {
        let files = Files()
        defer { files.remove() }
        let old = try SelfSignedIdentity(names: ["localhost"])
        let new = try SelfSignedIdentity(names: ["localhost"])
        try files.put(old)
        let server = try TLSServer(files.server)
        let net = try await Loopback(tls: server)
        let trustsOld = try self.trusting(old, name: "localhost")
        let trustsNew = try self.trusting(new, name: "localhost")
        let first = try await net.connect(tls: trustsOld)
        await #expect(throws: PondError.self) { _ = try await net.connect(tls: trustsNew) }

        try files.put(new)
        try server.reload()
        let second = try await net.connect(tls: trustsNew)
        for client in [first, second] {
            await client.write([7])
            #expect(await client.received(1) == [7])
        }

        try "rubbish".write(toFile: files.certificate, atomically: true, encoding: .utf8)
        #expect(throws: PondError.self) { try server.reload() }
        _ = try await net.connect(tls: trustsNew)
        await net.stop()
    }

    @Test func keepsOrderAndLosesNothingWhenThePeerIsSlow() async throws {
        let net = try await Loopback(tls: try TLSServer(.selfSigned()))
        let client = try await net.connect(tls: try TLSClient(.insecure))
        await client.pause()
        var sent: [UInt8] = []
        for round in 0..<50 {
            let chunk = (0..<50_000 + round * 10_000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ round) }
            sent += chunk
            await client.write(chunk)
        }
        await client.resume()
        #expect(await client.received(sent.count) == sent)
        await net.stop()
    }

    @Test func bothSidesSayGoodbye() async throws {
        let net = try await Loopback(behaviour: .sendAndClose(bytes: 500_000), tls: try TLSServer(.selfSigned()))
        let client = try await net.connect(tls: try TLSClient(.insecure))
        await client.write([1])
        #expect(await client.ended() == .closed)
        #expect(await net.serverEnd() == .closed)
        #expect(await client.all().count == 500_000)
        await net.stop()
    }

    @Test func aPeerThatNeverShakesHandsIsCutWhileOthersAreServed() async throws {
        let gate = ConnectionGate(total: 10, perAddress: 10)
        let net = try await Loopback(
            gate: gate,
            tls: try TLSServer(.selfSigned()),
            handshakeTime: .milliseconds(200)
        )
        let silent = try await net.connect()
        let served = try await net.connect(tls: try TLSClient(.insecure))
        await served.write([1])
        #expect(await served.received(1) == [1])
        _ = await silent.ended()
        // The gate is told in the same turn, maybe after the peer has heard of it.
        for loop in net.loops { try await loop.run {} }
        #expect(gate.count == 1)
        await net.stop()
    }

    @Test func aPeerThatSpeaksNoTLSIsRefused() async throws {
        let net = try await Loopback(tls: try TLSServer(.selfSigned()))
        let plain = try await net.connect()
        await plain.write(Array("GET / HTTP/1.1\r\n\r\n".utf8))
        _ = await plain.ended()
        // At most an alert came back, never an echo.
        #expect(await plain.all().count < 16)
        await net.stop()
    }

    @Test func aClientGivesUpOnAServerThatNeverShakesHands() async throws {
        let net = try await Loopback(behaviour: .echoAtEnd)
        let loop = net.clientLoop
        let address = net.listener.address
        let tls = try TLSClient(.insecure)
        let error = await #expect(throws: PondError.self) {
            _ = try await withCheckedThrowingContinuation { continuation in
                loop.execute {
                    Connector.connect(to: address, tls: tls, on: loop, deadline: .milliseconds(100)) { result in
                        continuation.resume(with: result.map { LoopbackClient.adopt($0, on: loop) })
                    }
                }
            }
        }
        #expect(error?.kind == .timeout)
        #expect(await net.serverEnd() == .failed(.connectionReset))
        await net.stop()
    }

    @Test func filesThatAreNoCertificateAreAnErrorWithTheirName() throws {
        let error = #expect(throws: PondError.self) {
            _ = try TLSServer(.files(certificateChain: "/nowhere.crt", privateKey: "/nowhere.key"))
        }
        #expect(error?.message.contains("/nowhere.crt") == true)
    }
}
