import PondTesting
import Testing

@testable import PondCore
@testable import PondRuntime
@testable import PondServer

/// What a server sends is never larger than its clients accept: the sender of what would be is told.
@Suite struct OutgoingSizeTests {
    private static let limit = 4_000

    private enum Words: ChannelSchema {
        struct Text: Codable, Sendable { var text: String }
        struct Presence: Codable, Sendable { var name: String }
        static let say = Event<Text, Text>("say")
    }

    private struct Application {
        let pond: PondSocket
        let endpoint: Endpoint
        let lobby: Lobby
        let log = LogKeeper()

        init(history: Bool = false) throws {
            var options = PondOptions()
            options.log = self.log
            options.limits.messageBytes = OutgoingSizeTests.limit
            options.limits.outgoingMessageBytes = OutgoingSizeTests.limit
            self.pond = PondSocket(options: options.onTestCarrier)
            self.endpoint = try self.pond.createEndpoint("/socket") { context in
                context.accept(userId: context.query["id"]?.first)
                if context.query["greeted"] != nil { context.reply("hello", OutgoingSizeTests.large) }
            }
            self.lobby = try self.endpoint.createChannel("/room/:id") { context in
                context.accept()
                if context.payload["greet"] != nil { context.reply("hello", OutgoingSizeTests.large) }
                if context.payload["announce"] != nil { context.broadcast("came", OutgoingSizeTests.large) }
            }
            if history { self.lobby.keepHistory() }
            try self.lobby.onMessage("say") { $0.broadcast("say", $0.payload) }
        }

        func member(_ id: String, _ params: Payload = .empty) throws -> PondTestSession {
            let session = try self.pond.test.connect("/socket?id=\(id)")
            session.join("/room/1", params)
            _ = session.receiveAll()
            return session
        }
    }

    private static let large: Payload = ["text": .string(String(repeating: "x", count: Self.limit))]

    /// A message of exactly the limit whose request id has one letter.
    private static func largest() -> ClientMessage {
        var message = ClientMessage(
            action: .broadcast,
            event: "say",
            channelName: "/room/1",
            requestId: "r",
            payload: ["text": ""]
        )
        let rest = Self.limit - message.encoded().count
        message.payload = ["text": .string(String(repeating: "x", count: rest))]
        return message
    }

    private func isTooLarge(_ message: ServerMessage?, _ requestId: String?) -> Bool {
        message?.action == .error && message?.event == "CHANNEL_ERROR" && message?.payload["status"] == 413
            && (requestId == nil || message?.requestId == requestId)
    }

    @Test(arguments: [true, false])
    func refusesAMessageWhoseBroadcastWouldExceedTheLimitAndStoresNothing(history: Bool) throws {
        let application = try Application(history: history)
        let (ann, bob) = (try application.member("ann"), try application.member("bob"))
        #expect(Self.largest().encoded().count == Self.limit)
        ann.send(Self.largest())
        let answers = ann.receiveAll()
        #expect(answers.count == 1 && self.isTooLarge(answers.first, "r"), "\(answers)")
        #expect(bob.receiveAll().isEmpty)
        ann.send("/room/1", "say", ["n": 1])
        let next = bob.receiveAll()
        #expect(next.count == 1 && next.first?.offset == (history ? 1 : nil))
        #expect(ann.end == nil && bob.end == nil)
    }

    @Test func sendsABroadcastThatJustFits() throws {
        let application = try Application(history: true)
        let (ann, bob) = (try application.member("ann"), try application.member("bob"))
        var message = Self.largest()
        while true {
            ann.send(message)
            let answer = ann.receive()
            if answer?.event == "say" { break }
            #expect(self.isTooLarge(answer, "r"))
            let text = message.payload["text"]?.string ?? ""
            guard !text.isEmpty else { break }
            message.payload = ["text": .string(String(text.dropLast()))]
        }
        let heard = try #require(bob.receive())
        // Its number may still get nineteen digits more.
        #expect(heard.encoded().count == Self.limit - 19)
    }

    private static let ways: [(name: String, send: @Sendable (EventContext) async throws -> Void)] = [
        ("broadcast", { $0.broadcast("e", Self.large) }),
        ("broadcastFrom", { $0.broadcastFrom("e", Self.large) }),
        ("broadcastTo", { $0.broadcastTo("bob", "e", Self.large) }),
        ("reply", { $0.reply("e", Self.large) }),
        ("a name", { $0.broadcast(String(repeating: "\u{1}", count: Self.limit / 6)) }),
        ("track", { try $0.track(["t": Self.large.json]) }),
        ("updatePresence", { try $0.updatePresence(["t": Self.large.json], for: "bob") }),
        (
            "stored",
            { context in
                context.broadcast("e", Self.large)
                try await context.stored()
            }
        ),
    ]

    @Test(arguments: 0..<Self.ways.count) func tellsTheSenderThatAHandlerSendsTooMuch(_ way: Int) async throws {
        let application = try Application()
        try application.lobby.onMessage("try") { context in
            await Task.yield()
            try await Self.ways[way].send(context)
        }
        let (ann, bob) = (try application.member("ann"), try application.member("bob"))
        let request = ann.send("/room/1", "try")
        let answer = await ann.nextMessage()
        #expect(answer?.requestId == request && answer?.action == .error, "\(Self.ways[way].name)")
        #expect(answer?.payload["status"] == 413, "\(Self.ways[way].name): \(String(describing: answer))")
        #expect(ann.receiveAll().isEmpty && bob.receiveAll().isEmpty, "\(Self.ways[way].name)")
        #expect(ann.end == nil && bob.end == nil)
    }

    @Test func throwsForATypedBroadcastReplyAndHandle() throws {
        let application = try Application()
        let typed = try application.endpoint.createChannel("/typed/:id", of: Words.self) { $0.accept() }
        let refusals = Lock<[Int]>([])
        @Sendable func note(_ body: () throws(PondError) -> Void) {
            do throws(PondError) { try body() } catch { refusals.withLock { $0.append(error.code) } }
        }
        try typed.onMessage(Words.say) { context in
            let large = Words.Text(text: String(repeating: "x", count: Self.limit))
            note { () throws(PondError) in try context.broadcast(Words.say, large) }
            note { () throws(PondError) in try context.broadcastFrom(Words.say, large) }
            note { () throws(PondError) in try context.broadcastTo(["ann"], Words.say, large) }
            note { () throws(PondError) in try context.reply(large) }
            try context.reply(Words.Text(text: "done"))
        }
        let ann = try application.pond.test.connect("/socket?id=ann")
        ann.join("/typed/1")
        ann.send("/typed/1", "say", ["text": "hi"])
        #expect(ann.receiveAll().map { "\($0.action) \($0.event)" }.suffix(1) == ["system say"])
        #expect(refusals.withLock { $0 } == [413, 413, 413, 413])
        let handle = typed.channel("/typed/1")
        let error = #expect(throws: PondError.self) {
            try handle?.broadcast(Words.say, Words.Text(text: String(repeating: "x", count: Self.limit)))
        }
        #expect(error?.kind == .tooLarge)
    }

    @Test func logsWhatNobodyWaitsFor() throws {
        let application = try Application()
        application.lobby.onLeave { $0.broadcast("left", Self.large) }
        let ann = try application.member("ann")
        let bob = try application.member("bob")
        application.lobby.channel("/room/1")?.broadcast("e", Self.large)
        application.endpoint.broadcast("e", Self.large)
        _ = try application.pond.test.connect("/socket?id=carol&greeted=1")
        bob.leave("/room/1")
        #expect(bob.receiveAll().map(\.event) == ["EXIT_ACKNOWLEDGE"])
        #expect(ann.receiveAll().isEmpty)
        let lines = application.log.lines
        #expect(lines.count == 4 && lines.allSatisfy { $0.contains("413 tooLarge") && $0.contains("4000") }, "\(lines)")
    }

    @Test(arguments: ["greet", "announce"]) func tellsAJoinerWhoseGreetingIsTooLarge(_ param: String) throws {
        let application = try Application()
        let ann = try application.pond.test.connect("/socket?id=ann")
        ann.join("/room/1", [param: true])
        let answers = ann.receiveAll()
        #expect(answers.map(\.event) == ["ACKNOWLEDGE", "CHANNEL_ERROR"])
        #expect(self.isTooLarge(answers.last, nil))
    }

    @Test func shortensReasonsAndErrors() throws {
        let application = try Application()
        let words = String(repeating: "ö", count: 3_000)
        try application.lobby.onMessage("throw") { _ in throw PondError.forbidden(words) }
        try application.lobby.onMessage("kick") { $0.evict("bob", reason: words) }
        let (ann, bob) = (try application.member("ann"), try application.member("bob"))
        ann.send("/room/1", "throw")
        ann.send("/room/1", "kick")
        for message in ann.receiveAll() + bob.receiveAll() {
            let text = (message.payload["message"] ?? message.payload["reason"])?.string ?? ""
            #expect(text.utf8.count <= 4_096 + 3 && text.hasPrefix("öööö") && text.hasSuffix("ö…"))
        }
    }

    @Test func doesNotSendWhatAnOutgoingHandlerMadeTooLarge() throws {
        let application = try Application(history: true)
        try application.lobby.onOutgoing("say") { context in
            if context.user.id == "bob" { context.transform(Self.large) }
        }
        let (ann, bob) = (try application.member("ann"), try application.member("bob"))
        ann.send("/room/1", "say", ["n": 1])
        #expect(ann.receiveAll().map(\.event) == ["say"])
        #expect(bob.receiveAll().isEmpty && bob.end == nil)
        #expect(application.log.lines.count == 1, "\(application.log.lines)")
    }

    @Test func skipsInARecoveryWhatAnEarlierServerStoredTooLarge() throws {
        let store = MemoryHistoryStore()
        func server(_ limit: Int) throws -> PondSocket {
            var options = PondOptions()
            options.log = SilentLog()
            options.limits.outgoingMessageBytes = limit
            let pond = PondSocket(options: options.onTestCarrier)
            let lobby = try pond.createEndpoint("/socket") { $0.accept() }.createChannel("/room/:id") { $0.accept() }
            lobby.keepHistory(in: store)
            try lobby.onMessage("say") { $0.broadcast("say", $0.payload) }
            return pond
        }
        let ann = try server(1_000_000).test.connect("/socket")
        ann.join("/room/1")
        let epoch = try #require(ann.receive()?.payload["epoch"]?.string)
        for payload: Payload in [["n": 1], Self.large, ["n": 3]] { ann.send("/room/1", "say", payload) }
        #expect(ann.receiveAll().count == 3)
        let bob = try server(Self.limit).test.connect("/socket")
        bob.send(
            ClientMessage(
                action: .joinChannel,
                event: "JOIN_CHANNEL",
                channelName: "/room/1",
                requestId: "join",
                payload: .empty,
                recover: StreamPosition(epoch: epoch, offset: 0)
            )
        )
        let answers = bob.receiveAll()
        #expect(answers.first?.payload["recovered"] == true && answers.first?.payload["replayed"] == 2)
        #expect(answers.dropFirst().map { $0.payload["n"]?.int } == [1, 3])
    }

    @Test func boundsTheListOfPresences() throws {
        var options = PondOptions()
        options.log = SilentLog()
        options.limits.outgoingMessageBytes = Self.limit
        let pond = PondSocket(options: options.onTestCarrier)
        let endpoint = try pond.createEndpoint("/socket") { $0.accept(userId: $0.query["id"]?.first) }
        let lobby = try endpoint.createChannel("/room/:id") { context in
            context.accept()
            try context.track(["name": .string(String(repeating: "n", count: 100))])
        }
        try lobby.onMessage("say") { $0.broadcast("say", $0.payload) }
        try lobby.onMessage("grow") { context in
            try context.updatePresence(["name": .string(String(repeating: "n", count: 900))])
        }
        let full = try pond.test.connect("/socket?id=full")
        full.join("/room/1")
        let delta = try pond.test.connect("/socket?id=delta")
        delta.send(
            ClientMessage(
                action: .joinChannel,
                event: "JOIN_CHANNEL",
                channelName: "/room/1",
                requestId: "join",
                payload: .empty,
                wantsPresenceDeltas: true
            )
        )
        var refused: [PondTestSession] = []
        var largest = 0
        var crowd: [PondTestSession] = []
        for number in 0..<60 {
            let session = try pond.test.connect("/socket?id=user\(number)")
            crowd.append(session)
            session.join("/room/1")
            let answers = session.receiveAll()
            #expect(answers.first?.event == "ACKNOWLEDGE")
            if answers.last?.event == "PRESENCE_ERROR", answers.last?.payload["status"] == 413 {
                refused.append(session)
            }
            largest = (answers + full.receiveAll() + delta.receiveAll()).reduce(largest) { max($0, $1.encoded().count) }
        }
        #expect(refused.count > 30 && refused.count < 50, "\(refused.count)")
        #expect(largest > Self.limit / 2 && largest <= Self.limit, "\(largest)")
        // Whoever is not shown is a member all the same, and nobody can grow into what is left.
        refused.first?.send("/room/1", "say", ["n": 1])
        #expect(delta.receiveAll().map(\.event) == ["say"])
        let growing = full.send("/room/1", "grow")
        #expect(full.receiveAll().last { $0.requestId == growing }?.payload["status"] == 413)
        // A place that is free is given again.
        crowd[0].leave("/room/1")
        crowd[1].leave("/room/1")
        let late = try pond.test.connect("/socket?id=late")
        late.join("/room/1")
        #expect(late.receiveAll().map(\.event) == ["ACKNOWLEDGE", "JOIN"])
        #expect(full.end == nil && delta.end == nil)
    }
}
