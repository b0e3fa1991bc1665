import Glibc
import PondKit
import PondTesting
import Testing

/// The shape of the one protocol of swift-service-lifecycle.
private protocol Service: Sendable {
    func run() async throws
}

private struct PondService: Service {
    let pond: PondSocket
    let listening: @Sendable (SocketAddress) -> Void

    func run() async throws {
        try await self.pond.run(port: 0, drain: .zero, handlesSignals: false, onListening: self.listening)
    }
}

/// Signals are the process's own, so these tests run one after the other.
@Suite(.serialized, .timeLimit(.minutes(1))) struct RunTests {
    private func application() throws -> PondSocket {
        var options = PondOptions()
        options.log = SilentLog()
        let pond = PondSocket(options: options)
        let endpoint = try pond.createEndpoint("/socket") { $0.accept() }
        _ = try endpoint.lobby("/room/:id") { $0.accept() }
        return pond
    }

    @Test func servesUntilItsTaskIsCancelled() async throws {
        let pond = try self.application()
        let (addresses, told) = AsyncStream.makeStream(of: SocketAddress.self)
        let service: any Service = PondService(pond: pond) { told.yield($0) }
        let running = Task { try await service.run() }
        var iterator = addresses.makeAsyncIterator()
        let address = try #require(await iterator.next())
        let client = try PondClient("ws://\(address)/socket")
        client.connect()
        try await client.connected(timeout: .seconds(10))
        #expect(pond.connectionCount == 1)
        #expect(pond.loops.count == max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        running.cancel()
        try await running.value
        #expect(pond.connectionCount == 0)
        client.disconnect()
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func stopsWhenTheProcessIsAskedToEnd(_ signal: Int32) async throws {
        let pond = try self.application()
        let (addresses, told) = AsyncStream.makeStream(of: SocketAddress.self)
        let running = Task { try await pond.run(port: 0, drain: .zero, onListening: { told.yield($0) }) }
        var iterator = addresses.makeAsyncIterator()
        _ = try #require(await iterator.next())
        #expect(kill(getpid(), signal) == 0)
        try await running.value
        #expect(pond.loops.isEmpty || pond.connectionCount == 0)
        // The handlers are as before, for the next one and for whoever runs these tests.
        var action = sigaction()
        sigaction(signal, nil, &action)
        #expect(action.__sigaction_handler.sa_handler == nil)
    }

    @Test func returnsWhenTheServerIsStoppedElsewhere() async throws {
        let pond = try self.application()
        let (addresses, told) = AsyncStream.makeStream(of: SocketAddress.self)
        let running = Task { try await pond.run(port: 0, handlesSignals: false, onListening: { told.yield($0) }) }
        var iterator = addresses.makeAsyncIterator()
        _ = try #require(await iterator.next())
        await pond.stop()
        try await running.value
    }

    @Test func aPortThatIsTakenIsThrownAndNothingWaits() async throws {
        let (first, second) = (try self.application(), try self.application())
        let address = try await first.listen(port: 0)
        await #expect(throws: PondError.self) { try await second.run(port: address.port ?? 0) }
        await first.stop()
        await second.stop()
    }
}
