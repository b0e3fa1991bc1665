import PondTesting
import Testing

@testable import PondCore
@testable import PondRuntime
@testable import PondServer

/// Stopping a server ends its suspended handlers: they finish within the drain time or are cancelled.
@Suite(.timeLimit(.minutes(1))) struct StopTests {
    enum Kind: CaseIterable { case connection, join, event, leave, outgoing }

    /// A server of which the handler of one kind is suspended by `body`, and the client that brought it there.
    private func suspended(
        _ kind: Kind,
        in body: @escaping @Sendable () async throws -> Void
    ) async throws -> (PondSocket, MemoryClient) {
        var options = PondOptions()
        options.log = SilentLog()
        let begun = Gate()
        let suspend: @Sendable (Kind) async throws -> Void = { place in
            guard place == kind else { return }
            begun.open()
            try await body()
        }
        let pond = PondSocket(options: options)
        let endpoint = try pond.createEndpoint("/socket") { context in
            try await suspend(.connection)
            context.accept()
        }
        let lobby = try endpoint.createChannel("/room/:id") { context in
            try await suspend(.join)
            context.accept()
        }
        try lobby.onMessage("say") { context in
            try await suspend(.event)
            context.broadcast("said")
        }
        try lobby.onOutgoing("said") { _ in try await suspend(.outgoing) }
        lobby.onLeave { _ in try await suspend(.leave) }
        let loop = try #require(pond.start(threads: 1).first)
        let client = MemoryClient(pond, loop)
        let actions = Task {
            await client.connect("/socket")
            client.send(.joinChannel, "/room/1")
            client.send(.broadcast, "/room/1", "say")
            if kind == .leave { client.send(.leaveChannel, "/room/1") }
        }
        await begun.wait()
        _ = actions
        return (pond, client)
    }

    @Test(arguments: Kind.allCases, [Duration.zero, .milliseconds(20)])
    func cancelsHandlersThatAreSuspendedAtTheDeadline(kind: Kind, drain: Duration) async throws {
        let ended = Lock(0)
        let (pond, _) = try await self.suspended(kind) {
            defer { ended.withLock { $0 += 1 } }
            try await Task.sleep(for: .seconds(3_600))
        }
        await pond.stop(drain: drain)
        #expect(ended.withLock { $0 } == 1)
    }

    @Test(arguments: Kind.allCases)
    func waitsForSuspendedHandlersWithinTheDrainTime(kind: Kind) async throws {
        let gate = Gate()
        let outcome = Lock<[Bool]>([])
        let (pond, client) = try await self.suspended(kind) {
            await gate.wait()
            outcome.withLock { $0.append(Task.isCancelled) }
        }
        client.abort()
        let stopping = Task { await pond.stop(drain: .seconds(3_600)) }
        while case .running = pond.core.currentPhase { await Task.yield() }
        while pond.connectionCount > (kind == .connection ? 1 : 0) { await Task.yield() }
        #expect(outcome.withLock { $0 }.isEmpty)
        gate.open()
        while outcome.withLock({ $0.isEmpty }) { await Task.yield() }
        // A client whose connection handler accepts after this stays connected: closing it ends the drain.
        while pond.connectionCount > 0 {
            pond.closeAll()
            await Task.yield()
        }
        await stopping.value
        #expect(outcome.withLock { $0 } == [false])
    }

    @Test func aHandlerMayStopItsOwnServer() async throws {
        let stopped = Gate()
        let server = Lock<PondSocket?>(nil)
        let begun = Gate()
        let (pond, _) = try await self.suspended(.event) {
            await begun.wait()
            let pond = server.withLock { $0 }
            await pond?.stop(drain: .milliseconds(1))
            stopped.open()
        }
        server.withLock { $0 = pond }
        begun.open()
        await stopped.wait()
        server.withLock { $0 = nil }
    }

    @Test func aStoppedServerCannotListen() async throws {
        let pond = PondSocket()
        pond.start()
        await pond.stop()
        let error = await #expect(throws: PondError.self) { try await pond.listen(port: 0) }
        #expect(error?.message.contains("the server has stopped") == true)
    }
}
