import PondKit
import PondTesting
import Testing

/// What can be done to channels and connections from outside their handlers.
@Suite struct HandleTests {
    private func application() throws -> (PondSocket, Endpoint, Lobby) {
        var options = PondOptions()
        options.log = SilentLog()
        options.limits.sessionGrace = .zero
        let pond = PondSocket(options: options.onTestCarrier)
        let endpoint = try pond.createEndpoint("/socket") { $0.accept(userId: $0.query["id"]?.first) }
        let lobby = try endpoint.createChannel("/room/:id") { $0.accept() }
        return (pond, endpoint, lobby)
    }

    /// Runs the server until a question to it has its answer.
    private func answer<Answer: Sendable>(
        _ pond: PondSocket,
        _ ask: @escaping @Sendable () async throws -> Answer
    ) async throws -> Answer {
        let result = Lock<Result<Answer, any Error>?>(nil)
        let task = Task {
            do {
                let answer = try await ask()
                result.withLock { $0 = .success(answer) }
            } catch {
                result.withLock { $0 = .failure(error) }
            }
        }
        while result.withLock({ $0 == nil }) {
            pond.test.run()
            await Task.yield()
        }
        await task.value
        return try #require(result.withLock { $0 }).get()
    }

    @Test func showsAndHidesPresenceFromOutside() async throws {
        let (pond, _, lobby) = try self.application()
        let ann = try pond.test.connect("/socket?id=ann")
        ann.join("/room/1")
        _ = ann.receiveAll()
        let room = try #require(lobby.channel("/room/1"))
        try await self.answer(pond) { try await room.track(["n": 1], for: "ann") }
        try await self.answer(pond) { try await room.updatePresence(["n": 2], for: "ann") }
        #expect(ann.receiveAll().map(\.event) == ["JOIN", "UPDATE"])
        for (name, code) in [("ann", 409), ("nobody", 404)] {
            let error = await #expect(throws: PondError.self) {
                try await self.answer(pond) { try await room.track(["n": 3], for: name) }
            }
            #expect(error?.code == code)
        }
        try await self.answer(pond) { try await room.untrack("ann") }
        let present = try await self.answer(pond) { await room.presence().count }
        #expect(present == 0)
        let error = await #expect(throws: PondError.self) {
            try await self.answer(pond) { try await room.untrack("ann") }
        }
        #expect(error?.code == 404)
    }

    @Test func aLobbyKnowsItsOwnChannelsAndNoOthers() throws {
        let (pond, endpoint, lobby) = try self.application()
        let files = try endpoint.createChannel("/files/*") { $0.accept() }
        let shadowed = try endpoint.createChannel("/room/2") { $0.accept() }
        let ann = try pond.test.connect("/socket?id=ann")
        for name in ["/room/1", "/room/2", "/files/a/b"] { ann.join(name) }
        pond.test.run()
        #expect(lobby.channelNames.sorted() == ["/room/1", "/room/2"])
        #expect(files.channelNames == ["/files/a/b"])
        #expect(shadowed.channelNames.isEmpty)
        #expect(lobby.channel("/files/x") == nil)
        #expect(lobby.channel("/room/new")?.isLive == false)
    }

    @Test func speaksToConnectionsWhateverChannelsTheyAreIn() async throws {
        let (pond, endpoint, _) = try self.application()
        let other = try pond.createEndpoint("/other") { $0.accept(userId: "ann") }
        let ann = try pond.test.connect("/socket?id=ann")
        let again = try pond.test.connect("/socket?id=ann")
        let bob = try pond.test.connect("/socket?id=bob")
        let elsewhere = try pond.test.connect("/other")
        endpoint.send("note", ["n": 1], toUser: "ann")
        endpoint.broadcast("all", ["n": 2])
        for session in [ann, again] {
            let heard = session.receiveAll()
            #expect(heard.map(\.event) == ["note", "all"])
            #expect(heard.allSatisfy { $0.action == .system && $0.channelName == "GATEWAY" })
        }
        #expect(bob.receiveAll().map(\.event) == ["all"])
        #expect(elsewhere.receiveAll().isEmpty)
        let here = try await self.answer(pond) { await endpoint.connections().map(\.userId).sorted() }
        #expect(here == ["ann", "ann", "bob"])
        let there = try await self.answer(pond) { await other.connections().count }
        #expect(there == 1)
    }

    @Test func answersAfterTheServerHasStopped() async throws {
        let (pond, endpoint, lobby) = try self.application()
        pond.start(threads: 2)
        let room = try #require(lobby.channel("/room/1"))
        await withTaskGroup { group in
            for _ in 0..<50 {
                group.addTask {
                    for _ in 0..<200 { _ = await (room.users(), room.user("ann"), endpoint.connections()) }
                }
            }
            group.addTask { await pond.stop() }
        }
        #expect(await room.userCount() == 0)
    }
}
