import PondTesting
import Testing

@testable import PondClient
@testable import PondCore
@testable import PondNet
@testable import PondRuntime
@testable import PondServer

/// The client against our own server over real sockets.
@Suite(.timeLimit(.minutes(1))) struct NetworkTests {
    static func server(tls: TLSServer? = nil) async throws -> (pond: PondSocket, port: Int) {
        let pond = PondSocket()
        let endpoint = try pond.createEndpoint("/socket") { context in
            guard context.query["token"]?.first != "bad" else { return context.decline(401, "Invalid token") }
            context.accept(assigns: ["username": .string(context.query["username"]?.first ?? "?")])
        }
        let chat = try endpoint.createChannel("/chat/:room") { context in context.accept() }
        try chat.onMessage("message") { context in context.broadcast("message", context.payload) }
        try chat.onMessage("ping") { context in context.reply("pong", context.payload) }
        let address = try await pond.listen(port: 0, tls: tls)
        return (pond, address.port ?? 0)
    }

    static func client(_ url: String, change: (inout PondClientOptions) -> Void = { _ in }) throws -> PondClient {
        var options = PondClientOptions()
        options.connection.backoff = Backoff(first: .milliseconds(20), factor: 2, cap: .milliseconds(200))
        change(&options)
        return try PondClient(url, params: ["username": "ann"], options: options)
    }

    static func talk(_ client: PondClient) async throws {
        client.connect()
        let channel = client.createChannel("/chat/1")
        let messages = channel.messages
        channel.join()
        try await channel.joined()
        try channel.sendMessage("message", ["text": "hi"])
        for await message in messages {
            #expect(message.payload["text"] == "hi")
            break
        }
        #expect(try await channel.sendForResponse("ping", ["n": 1])["n"] == 1)
    }

    @Test func talksOverAWebSocket() async throws {
        let (pond, port) = try await Self.server()
        try await Self.talk(try Self.client("ws://127.0.0.1:\(port)/socket"))
        try await Self.talk(try Self.client("ws://localhost:\(port)/socket"))
        try await Self.talk(
            try Self.client("ws://127.0.0.1:\(port)/socket") { $0.connector = WebSocketConnector(compressed: true) }
        )
        await pond.stop()
    }

    @Test func talksOverAnEventStream() async throws {
        let (pond, port) = try await Self.server()
        try await Self.talk(try Self.client("http://127.0.0.1:\(port)/socket") { $0.connector = SSEConnector() })
        await pond.stop()
    }

    /// A way that a proxy on the path does not know.
    private struct NoWay: ClientConnector {
        func connect(
            to target: ClientTarget,
            on loop: EventLoop,
            completion: @escaping (Result<any Transport, PondError>) -> Void
        ) {
            completion(.failure(PondError(code: 426, kind: .transport, message: "Upgrade Required")))
        }
    }

    @Test func fallsBackToWhatWorks() async throws {
        let (pond, port) = try await Self.server()
        try await Self.talk(
            try Self.client("http://127.0.0.1:\(port)/socket") {
                $0.connector = FallbackConnector([NoWay(), SSEConnector()])
            }
        )
        await pond.stop()
    }

    @Test func talksOverTLSAndTrustsNobodyUnasked() async throws {
        let (pond, port) = try await Self.server(tls: try TLSServer(.selfSigned(names: ["localhost"])))
        let careful = try Self.client("wss://localhost:\(port)/socket") { $0.connection.maxFailures = 1 }
        careful.connect()
        for await status in careful.connectionChanges {
            guard case .failed(let error) = status.reason else { continue }
            #expect(error.message.contains("certificate"), "\(error)")
            break
        }
        #expect(careful.state == .disconnected)
        try await Self.talk(try Self.client("wss://localhost:\(port)/socket") { $0.tls = .insecure })
        await pond.stop()
    }

    @Test func tellsWhatADecliningServerSaid() async throws {
        let (pond, port) = try await Self.server()
        let client = try Self.client("ws://127.0.0.1:\(port)/socket?token=bad")
        client.connect()
        for await status in client.connectionChanges {
            guard case .failed(let error) = status.reason else { continue }
            #expect(error.code == 401)
            #expect(error.message == "Invalid token")
            #expect(status.nextTry == nil, "a permanent refusal is not tried again")
            break
        }
        await #expect(throws: PondError.self) { try await client.connected() }
        let lost = try Self.client("ws://127.0.0.1:\(port)/nowhere")
        lost.connect()
        for await status in lost.connectionChanges {
            guard case .failed(let error) = status.reason else { continue }
            #expect(error.code == 404)
            break
        }
        await pond.stop()
    }

    @Test func comesBackAfterEveryKindOfFault() async throws {
        let (pond, port) = try await Self.server()
        let proxy = try await FaultProxy.start(to: port, seed: 1)
        let client = try Self.client("ws://127.0.0.1:\(proxy.port)/socket") {
            $0.connection.heartbeat = .milliseconds(100)
            $0.connection.connectTime = .milliseconds(500)
        }
        client.connect()
        let channel = client.createChannel("/chat/1")
        channel.join()
        try await channel.joined()
        for _ in 0..<3 {
            let states = channel.stateChanges
            proxy.cutAll()
            var stalled = false
            for await status in states {
                stalled = stalled || status.state == .stalled
                if stalled, status.state == .joined { break }
            }
        }
        let states = channel.stateChanges
        proxy.swallowAll()
        var stalled = false
        for await status in states {
            stalled = stalled || status.state == .stalled
            if stalled, status.state == .joined { break }
        }
        #expect(try await channel.sendForResponse("ping", ["n": 1])["n"] == 1)
        await proxy.stop()
        await pond.stop()
    }

    /// With the default times: a probe after 3 s, and a new connection 3 s later.
    @Test func deliversWhatWasSentIntoACutWire() async throws {
        let (pond, port) = try await Self.server()
        let proxy = try await FaultProxy.start(to: port, seed: 1)
        let client = try Self.client("ws://127.0.0.1:\(proxy.port)/socket")
        let channel = client.createChannel("/chat/1")
        try await channel.joined()
        let changes = client.connectionChanges
        proxy.swallowAll()
        let start = ContinuousClock.now
        let delivery = Task { try await channel.deliver("ping", ["n": 1]) }
        for await status in changes where status.state != .connected { break }
        print("cut wire: noticed \(ContinuousClock.now - start) after the send")
        try await delivery.value
        print("cut wire: delivered \(ContinuousClock.now - start) after the send")
        await proxy.stop()
        await pond.stop()
    }

    /// The stream of one connection is alive while the requests beside it go nowhere.
    @Test func replacesTheConnectionWhenItsRequestsAreNotAnswered() async throws {
        let (pond, port) = try await Self.server()
        let proxy = try await FaultProxy.start(to: port, seed: 1)
        let client = try Self.client("http://127.0.0.1:\(proxy.port)/socket") {
            $0.connector = SSEConnector()
            $0.connection.probeAfter = .milliseconds(100)
            $0.connection.probeTime = .milliseconds(100)
            $0.joinTime = .seconds(3_600)
        }
        client.connect()
        try await client.connected()
        // The stream was opened before; from now on every new connection is half open from its first byte.
        proxy.faults = FaultProxy.Faults(chance: 1, bytes: 0...0, kinds: [.halfOpen])
        let channel = client.createChannel("/chat/1")
        channel.join()
        for await status in client.connectionChanges where status.state != .connected {
            proxy.faults = .none
            break
        }
        try await channel.joined()
        await proxy.stop()
        await pond.stop()
    }

    @Test func aRequestOverTheLimitFailsItsMessageAndTheStreamGoesOn() async throws {
        var options = PondOptions()
        options.limits.sseBodyBytes = 2_000
        let pond = PondSocket(options: options)
        let endpoint = try pond.createEndpoint("/socket") { $0.accept() }
        let chat = try endpoint.createChannel("/chat/:room") { $0.accept() }
        try chat.onMessage("message") { _ in }
        let port = try await pond.listen(port: 0).port ?? 0
        let client = try Self.client("http://127.0.0.1:\(port)/socket") {
            $0.connector = SSEConnector()
            // Not announced, so the server does not tell its limit.
            $0.resumesSessions = false
        }
        client.connect()
        let channel = client.createChannel("/chat/1")
        channel.join()
        try await channel.joined()
        let text = JSON.string(String(repeating: "a", count: 5_000))
        do {
            try await channel.deliver("message", ["text": text])
            Issue.record("it is over the limit")
        } catch { #expect(error.code == 413) }
        try await channel.deliver("message", ["text": "b"])
        #expect(client.state == .connected)
        await pond.stop()
    }

    @Test func aServerThatNobodyHoldsRunsUntilItIsStopped() async throws {
        weak var dropped: PondSocket?
        let port: Int
        do {
            let server = try await Self.server()
            dropped = server.pond
            port = server.port
        }
        try await Self.talk(try Self.client("ws://127.0.0.1:\(port)/socket"))
        let pond = try #require(dropped)
        await pond.stop()
    }

    @Test func measuresTheLag() async throws {
        let (pond, port) = try await Self.server()
        let client = try Self.client("ws://127.0.0.1:\(port)/socket") { $0.connection.heartbeat = .milliseconds(50) }
        let lags = Listeners<Duration>()
        let sequence = ClientSequence(lags, capacity: 10)
        client.onLag { lags.publish($0) }
        client.connect()
        for await lag in sequence {
            #expect(lag >= .zero)
            break
        }
        await pond.stop()
    }
}
