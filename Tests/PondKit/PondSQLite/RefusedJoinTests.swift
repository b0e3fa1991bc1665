import PondTesting
import Testing

@testable import PondCore
@testable import PondRuntime
@testable import PondSQLite
@testable import PondServer

/// A join that its handler refuses leaves nothing behind.
@Suite struct RefusedJoinTests {
    private func application(_ store: (any HistoryStore)?) throws -> PondSocket {
        var options = PondOptions()
        options.limits.joinsPerSecond = 1_000_000
        options.limits.joinBurst = 1_000_000
        options.limits.messagesPerSecond = 1_000_000
        options.limits.messageBurst = 1_000_000
        options.log = SilentLog()
        let pond = PondSocket(options: options)
        let endpoint = try pond.createEndpoint("/socket") { $0.accept() }
        let lobby = try endpoint.createChannel("/room/:id") { context in
            guard context.payload["key"] != nil else { return context.decline(403, "no") }
            context.accept()
        }
        lobby.keepHistory(in: store)
        try lobby.onMessage("say") { $0.broadcast("say", $0.payload) }
        return pond
    }

    @Test func refusedJoinsLeaveNothingInMemory() throws {
        let pond = try self.application(nil)
        let peer = try pond.test.connect("/socket")
        for number in 0..<3_000 {
            peer.join("/room/\(number)")
            if number % 100 == 99 { #expect(peer.receiveAll().count == 100) }
        }
        #expect(pond.core.history.channelCount == 0)
        #expect(pond.channelCount == 0)
        #expect(pond.core.sessions.withLock { $0.count } == 0)
    }

    @Test func refusedJoinsDisplaceNoHistoryOfOthers() throws {
        let store = MemoryHistoryStore(maximumChannels: 10)
        let pond = try self.application(store)
        let peer = try pond.test.connect("/socket")
        peer.join("/room/kept", ["key": 1])
        peer.send("/room/kept", "say")
        peer.leave("/room/kept")
        for number in 0..<1_000 { peer.join("/room/\(number)") }
        _ = peer.receiveAll()
        #expect(store.channelCount == 1)
    }

    @Test func refusedJoinsLeaveNoRows() async throws {
        let folder = TemporaryFolder()
        let file = folder.file("history.db")
        let store = try SQLiteHistoryStore(file: file)
        let pond = try self.application(store)
        let peer = try pond.test.connect("/socket")
        for number in 0..<2_000 { peer.join("/room/\(number)") }
        var refused = 0
        while refused < 2_000, let answer = await peer.nextMessage() {
            #expect(answer.event == "UNAUTHORIZED")
            refused += 1
        }
        #expect(refused == 2_000)
        peer.join("/room/open", ["key": 1])
        #expect(await peer.nextMessage()?.event == "ACKNOWLEDGE")
        await store.close()
        #expect(try await Self.streams(in: file) == 0, "an accepted join stores nothing before the first broadcast")
    }

    @Test func aNumberingBeginsWithItsFirstBroadcastAndGoesOn() async throws {
        let folder = TemporaryFolder()
        let file = folder.file("history.db")
        var position: StreamPosition?
        for round in 1...2 {
            let store = try SQLiteHistoryStore(file: file)
            let pond = try self.application(store)
            let peer = try pond.test.connect("/socket")
            peer.send(
                ClientMessage(
                    action: .joinChannel,
                    event: "JOIN_CHANNEL",
                    channelName: "/room/1",
                    requestId: "j",
                    payload: ["key": 1],
                    recover: position
                )
            )
            let answer = try #require(await peer.nextMessage())
            let epoch = try #require(answer.payload["epoch"]?.string)
            if let position {
                #expect(answer.payload["recovered"] == true && position.epoch == epoch)
            }
            peer.send("/room/1", "say")
            let said = try #require(await peer.nextMessage())
            #expect(said.offset == UInt64(round))
            position = StreamPosition(epoch: epoch, offset: UInt64(round))
            peer.close()
            pond.test.run()
            await store.close()
            #expect(try await Self.streams(in: file) == 1)
        }
    }

    private static func streams(in file: String) async throws -> Int {
        let migrations = SQLiteMigrations(applicationID: 0x506F_6E48, steps: SQLiteHistoryTables.steps)
        let database = try SQLiteDatabase(.file(file), migrations: migrations)
        let count = try await database.read { connection throws(SQLiteFault) in
            try connection.number("SELECT count(*) FROM streams")
        }
        await database.close()
        return Int(count)
    }
}
