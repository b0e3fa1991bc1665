import PondKit
import PondTesting
import Testing

/// What a client finds of an earlier process.
@Suite struct DurableOutboxTests {
    /// A store that outlives the clients that use it, as the file of a killed process does.
    final class Kept: OutboxStore {
        private let state = Lock(StoredOutbox())
        private let isBroken: Bool

        init(isBroken: Bool = false) { self.isBroken = isBroken }

        func load() -> StoredOutbox { self.state.withLock { $0 } }

        func store(_ changes: [OutboxChange]) throws(PondError) {
            if self.isBroken { throw PondError(code: 503, kind: .unavailable, message: "disk full") }
            self.state.withLock { state in for change in changes { state.apply(change) } }
        }
    }

    static let numbered: JSON = ["epoch": "e", "offset": 5]

    static func stage(_ store: any OutboxStore) throws -> ClientStage { try ClientStage { $0.outbox = store } }

    @Test func sendsWhatWasTypedOfflineInAnEarlierProcess() throws {
        let store = Kept()
        do {
            let stage = try Self.stage(store)
            let channel = stage.client.createChannel("/chat/1")
            channel.join()
            for text in ["1", "2", "3"] { try channel.sendMessage(text, ["n": 1]) }
            stage.run()
            let dropped = try #require(channel.outbox.last)
            channel.dropMessage(dropped.id)
            stage.run()
        }
        let stage = try Self.stage(store)
        stage.connect()
        let channel = stage.client.createChannel("/chat/1")
        stage.run()
        #expect(channel.outbox.map(\.event) == ["1", "2"])
        channel.join()
        try channel.sendMessage("4")
        stage.run()
        stage.acknowledge()
        let sent = stage.take()
        #expect(sent.map(\.event) == ["1", "2", "4"])
        #expect(sent.first?.payload == ["n": 1])
        for message in sent { stage.say(.system, "DELIVERED", "/chat/1", message.requestId) }
        #expect(store.load().channels["/chat/1"]?.messages.isEmpty == true)
    }

    /// The process is killed after the message went out, or between the write to the store and the send.
    @Test(arguments: [true, false])
    func sendsAMessageOfAKilledProcessUnderTheSameId(wasSent: Bool) throws {
        let store = Kept()
        let before = try Self.stage(store)
        before.connect()
        let old = before.join(answer: Self.numbered)
        if !wasSent { before.cut() }
        try old.sendMessage("1")
        before.run()
        let requestId = try #require(old.outbox.first?.requestId)
        before.say(.broadcast, "said", "/chat/1", offset: 6)
        // `before` stays as it is: a killed process says nothing more.
        let stage = try Self.stage(store)
        stage.client.connect()
        stage.run()
        let transport = try #require(stage.open())
        #expect(transport.target.headers["Pond-Session"] == "token-1")
        stage.greet()
        #expect(stage.client.status.resumed == true)
        let channel = stage.client.createChannel("/chat/1")
        let recoveries = Seen<RecoveryEvent>()
        channel.onRecovery { recoveries.add($0) }
        channel.join()
        stage.run()
        let join = try #require(
            stage.acknowledge(answer: ["epoch": "e", "offset": 8, "recovered": true, "replayed": 2])
        )
        #expect(join.recover == StreamPosition(epoch: "e", offset: wasSent ? 6 : 5))
        #expect(recoveries.values == [.recovered(2)])
        #expect(stage.take().map(\.requestId) == [requestId])
    }

    @Test func doesNotKeepRequestsWhoseCallerIsGone() async throws {
        let store = Kept()
        let stage = try Self.stage(store)
        stage.connect()
        let channel = stage.join()
        let task = Task { try await channel.sendForResponse("ping") }
        while stage.transport?.sent.isEmpty == true {
            await Task.yield()
            stage.run()
        }
        #expect(store.load().channels["/chat/1"]?.messages.isEmpty ?? true)
        channel.leave()
        stage.run()
        _ = try? await task.value
    }

    @Test func forgetsAChannelThatWasLeft() throws {
        let store = Kept()
        let stage = try Self.stage(store)
        stage.connect()
        let channel = stage.join(answer: Self.numbered)
        try channel.sendMessage("1")
        stage.run()
        #expect(store.load().channels["/chat/1"]?.messages.count == 1)
        #expect(store.load().channels["/chat/1"]?.position == StreamPosition(epoch: "e", offset: 5))
        channel.leave()
        stage.run()
        #expect(store.load().channels["/chat/1"] == nil)
        #expect(store.load().session?.token == "token-1")
    }

    @Test func keepsWhatIsUnsentWhenTheProgramReleasesTheClient() throws {
        let store = Kept()
        do {
            let stage = try Self.stage(store)
            let channel = stage.client.createChannel("/chat/1")
            try channel.sendMessage("1")
            stage.run()
        }
        #expect(store.load().channels["/chat/1"]?.messages.map(\.event) == ["1"])
    }

    @Test func reportsAStoreThatFailsAndSendsAllTheSame() throws {
        let stage = try Self.stage(Kept(isBroken: true))
        stage.connect()
        let channel = stage.join()
        try channel.sendMessage("1")
        stage.run()
        #expect(stage.take().map(\.event) == ["1"])
        #expect(stage.errors.contains { $0.message == "disk full" })
    }
}
