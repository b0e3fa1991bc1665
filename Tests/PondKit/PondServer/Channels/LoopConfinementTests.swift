import PondTesting
import Testing

@testable import PondCore
@testable import PondNet
@testable import PondRuntime
@testable import PondServer

/// What belongs to a loop and is used on another thread fails with a message, or acts on its loop; it never corrupts memory.
@Suite(.timeLimit(.minutes(2))) struct LoopConfinementTests {
    @Test func loopsTrapOffTheirThread() async {
        await #expect(processExitsWith: .failure) {
            let loop = EventLoop(name: "x")
            loop.start()
            loop.schedule(after: .zero) {}
        }
        await #expect(processExitsWith: .failure) {
            let loop = EventLoop(name: "x")
            loop.start()
            loop.cancel(try await loop.run { loop.schedule(after: .seconds(60)) {} })
        }
        await #expect(processExitsWith: .failure) {
            let loop = EventLoop(name: "x")
            loop.start()
            loop.atEndOfTurn {}
        }
    }

    @Test func openingOffTheLoopTraps() async {
        await #expect(processExitsWith: .failure) {
            let pond = PondSocket()
            _ = try pond.createEndpoint("/socket") { $0.accept() }
            guard let loop = pond.start().first else { return }
            pond.open(ConnectionRequest(path: "/socket"), on: loop) { _ in }
        }
    }

    @Test func transportsTrapOffTheirLoop() async {
        await #expect(processExitsWith: .failure) {
            let loop = EventLoop(name: "x")
            loop.start()
            let (left, _) = MemoryTransport.pair(loop, loop)
            left.send(Frame(text: [], event: ""))
        }
    }

    @Test func readingAContextOffItsLoopTraps() async {
        await #expect(processExitsWith: .failure) {
            let pond = PondSocket()
            let endpoint = try pond.createEndpoint("/socket") { $0.accept() }
            let lobby = try endpoint.createChannel("/room/:id") { $0.accept() }
            try lobby.onMessage("say") { context in
                nonisolated(unsafe) let kept = context
                Task.detached { _ = kept.users }
            }
            guard let loop = pond.start().first else { return }
            let peer = MemoryClient(pond, loop)
            await peer.connect("/socket")
            peer.send(.joinChannel, "/room/1")
            peer.send(.broadcast, "/room/1", "say")
            for _ in 0..<2 { _ = await peer.next() }
        }
    }

    @Test func decidingOffTheLoopTraps() async {
        await #expect(processExitsWith: .failure) {
            let pond = PondSocket()
            _ = try pond.createEndpoint("/socket") { context in
                nonisolated(unsafe) let kept = context
                await Task.detached { kept.accept() }.value
            }
            guard let loop = pond.start().first else { return }
            await MemoryClient(pond, loop).connect("/socket")
        }
    }

    @Test func sendingWithAContextFromATaskActsOnTheLoop() async throws {
        let pond = PondSocket(options: PondOptions().onTestCarrier)
        let endpoint = try pond.createEndpoint("/socket") { $0.accept() }
        let lobby = try endpoint.createChannel("/room/:id") { $0.accept() }
        try lobby.onMessage("say") { context in
            nonisolated(unsafe) let kept = context
            Task.detached {
                kept.broadcast("one")
                kept.broadcastTo([], "nobody")
                kept.handle.broadcast(kept.channelName == "/room/1" ? "two" : "wrong")
                kept.reply("three")
            }
        }
        let loop = try #require(pond.start().first)
        let peer = MemoryClient(pond, loop)
        await peer.connect("/socket")
        peer.send(.joinChannel, "/room/1")
        _ = await peer.next()
        for _ in 0..<20 {
            let request = peer.send(.broadcast, "/room/1", "say")
            var events: [String] = []
            for _ in 0..<3 {
                let message = try #require(await peer.next())
                events.append(message.event)
                if message.event == "three" { #expect(message.requestId == request) }
            }
            #expect(events == ["one", "two", "three"])
        }
        await pond.stop()
    }

    @Test func aServerHasOneTestDriver() async throws {
        await #expect(processExitsWith: .failure) {
            let pond = PondSocket()
            _ = PondTestDriver(pond)
            _ = PondTestDriver(pond)
        }
        let pond = PondSocket()
        #expect(pond.test === pond.test(shards: 3))
    }

    @Test(arguments: [
        (401, PondError.Kind.unauthorized), (403, .forbidden), (404, .notFound), (429, .rateLimited),
        (503, .unavailable),
    ])
    func aTestSessionTellsTheKindOfARefusal(code: Int, kind: PondError.Kind) throws {
        let pond = PondSocket(options: PondOptions().onTestCarrier)
        _ = try pond.createEndpoint("/socket") { $0.decline(code, "no") }
        let refusal = #expect(throws: PondError.self) { try pond.test.connect("/socket") }
        #expect(refusal?.code == code && refusal?.kind == kind)
    }
}
