import Glibc
import PondChat
import PondKit
import PondTesting
import Testing

@testable import pond_server

/// What was taken back is nowhere: not in the files, not in a backup, not in what a newcomer recovers.
@Suite(.timeLimit(.minutes(1))) struct RedactionTests {
    private let general = "/lobby/general"
    private let folder = TemporaryFolder()

    private var database: SQLiteLocation { .file(self.folder.file("chat.db")) }

    /// The files in which a word stands, with a backup made now.
    private func files(with word: String, _ fixture: ChatFixture, _ number: Int) async throws -> [String] {
        repeat { await fixture.store.scrub(words: true) } while fixture.store.redactions.waiting(.log) != nil
        let backup = self.folder.file("backup-\(number).db")
        try await fixture.store.backup(to: backup)
        let names = [self.folder.file("chat.db"), self.folder.file("chat.db-wal"), backup]
        return names.filter { Self.bytes(of: $0).contains(word) }
    }

    private static func bytes(of path: String) -> String {
        guard let file = fopen(path, "rb") else { return "" }
        defer { fclose(file) }
        var (all, buffer) = ([UInt8](), [UInt8](repeating: 0, count: 1 << 16))
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { all += buffer.prefix(count) }
        return String(decoding: all, as: UTF8.self)
    }

    /// What a newcomer recovers of everything, and the answer to its join.
    private func recover(_ fixture: ChatFixture, as name: String) async throws -> (answer: JSON, [ServerMessage]) {
        let peer = try await fixture.connect(name)
        let request = peer.session.join(self.general)
        let epoch = try #require(try await peer.answer(to: request).payload["epoch"]?.string)
        _ = try await peer.next(Welcome.self)
        peer.session.leave(self.general)
        _ = try await peer.receive { $0.event == "EXIT_ACKNOWLEDGE" }
        peer.forget()
        let again = peer.session.send(
            ClientMessage(
                action: .joinChannel,
                event: "JOIN_CHANNEL",
                channelName: self.general,
                requestId: PondID.uuid(),
                recover: StreamPosition(epoch: epoch, offset: 0)
            )
        )
        let answer = try await peer.answer(to: again).payload.json
        var replayed: [ServerMessage] = []
        while true {
            let message = try await peer.receive { $0.event == Welcome.event || $0.action == .broadcast }
            if message.event == Welcome.event { break }
            replayed.append(message)
        }
        peer.session.close()
        return (answer, replayed)
    }

    @Test func editedAndRemovedTextIsGoneFromFilesBackupsAndRecoveryAlsoAfterARestart() async throws {
        var epoch = ""
        do {
            let fixture = try await ChatFixture(at: self.database)
            let alice = try await fixture.connect("alice", to: self.general)
            let removed = try await alice.say(self.general, "hushhush my number")
            let edited = try await alice.say(self.general, "whisperwhisper my street")
            _ = try await alice.say(self.general, "kept")
            for text in ["murmurmurmur", "harmless"] {
                try alice.send(self.general, EditMessage(id: edited.id, text: text))
                _ = try await alice.next(MessageEdited.self)
            }
            try alice.send(self.general, RemoveMessage(id: removed.id))
            _ = try await alice.next(MessageRemoved.self)
            for (number, word) in ["hushhush", "whisperwhisper", "murmurmurmur"].enumerated() {
                #expect(try await self.files(with: word, fixture, number).isEmpty, "\(word)")
            }
            let (answer, replayed) = try await self.recover(fixture, as: "bob")
            #expect(answer["recovered"]?.bool == true)
            epoch = answer["epoch"]?.string ?? ""
            self.expectClean(replayed, removed, edited)
            await fixture.store.close()
        }
        let again = try await ChatFixture(at: self.database)
        let (answer, replayed) = try await self.recover(again, as: "bob")
        #expect(answer["recovered"]?.bool == true && answer["epoch"]?.string == epoch)
        self.expectClean(replayed)
        await again.store.close()
    }

    private func expectClean(_ replayed: [ServerMessage], _ removed: ChatMessage, _ edited: ChatMessage) {
        self.expectClean(replayed)
        let messages = replayed.filter { $0.event == ChatMessage.event }.compactMap { try? ChatMessage($0.payload) }
        #expect(messages.map(\.id).prefix(2) == [removed.id, edited.id])
        #expect(messages.first?.text == "" && messages.first?.removedAt != nil)
        #expect(messages.dropFirst().first?.text == "harmless")
    }

    private func expectClean(_ replayed: [ServerMessage]) {
        let text = replayed.map(\.payload.json.text).joined()
        #expect(!text.contains("hush") && !text.contains("whisper") && !text.contains("murmur"), "\(text)")
        #expect(replayed.count { $0.event == MessageRemoved.event } == 1)
        let offsets = replayed.compactMap(\.offset)
        #expect(offsets == offsets.sorted() && Set(offsets).count == offsets.count)
    }

    @Test func expiredMessagesAreGoneFromFilesAndRecovery() async throws {
        let fixture = try await ChatFixture(at: self.database) { $0.historyAge = .seconds(3_600) }
        let alice = try await fixture.connect("alice", to: self.general)
        let old = try await alice.say(self.general, "hushhush")
        try alice.send(self.general, EditMessage(id: old.id, text: "whisperwhisper"))
        _ = try await alice.next(MessageEdited.self)
        fixture.advance(by: .seconds(3_000))
        _ = try await alice.say(self.general, "kept")
        fixture.advance(by: .seconds(1_000))
        await fixture.chat.prune()
        for word in ["hushhush", "whisperwhisper"] {
            #expect(try await self.files(with: word, fixture, word.count).isEmpty)
        }
        let (answer, replayed) = try await self.recover(fixture, as: "bob")
        #expect(answer["recovered"]?.bool == true)
        #expect(replayed.compactMap { $0.payload["text"]?.string } == ["kept"])
        await fixture.store.close()
    }

    @Test func aForgottenRoomIsGoneFromFilesAndRecoveryAndKeepsItsNumbering() async throws {
        let fixture = try await ChatFixture(at: self.database)
        let alice = try await fixture.connect("alice", to: self.general)
        _ = try await alice.say(self.general, "hushhush")
        let before = try await self.recover(fixture, as: "bob").answer
        alice.session.leave(self.general)
        _ = try await alice.receive { $0.event == "EXIT_ACKNOWLEDGE" }
        let room = try RoomName("general")
        try await fixture.chat.make { _ in SharedChange(forgotten: room) }
        #expect(try await self.files(with: "hushhush", fixture, 1).isEmpty)
        let (answer, replayed) = try await self.recover(fixture, as: "carol")
        #expect(replayed.isEmpty && answer["epoch"]?.string == before["epoch"]?.string)
        await fixture.store.close()
    }

    @Test func anErasedUserIsGoneFromFilesSearchHistoryAndRecovery() async throws {
        let fixture = try await ChatFixture(at: self.database)
        let alice = try await fixture.connect("alice", to: self.general)
        let bob = try await fixture.connect("bob", to: self.general)
        try await alice.join(ChatChannel.directoryPath)
        _ = try await alice.ask(ChatChannel.directoryPath, ClaimName(password: "a long password"), Identity.self)
        let edited = try await alice.say(self.general, "hushhush my number")
        try alice.send(self.general, EditMessage(id: edited.id, text: "whisperwhisper my street"))
        _ = try await alice.next(MessageEdited.self)
        try await bob.say(self.general, "kept")
        try await alice.join("/dm/alice~bob")
        try await alice.say("/dm/alice~bob", "murmurmurmur to you alone")
        let name = try UserName("alice")
        let owners = try await fixture.store.read { (tables: ChatTables) throws(SQLiteFault) in
            try tables.owners(of: name)
        }
        #expect(owners.count == 1)
        let now = fixture.now
        try await fixture.chat.make { _ in SharedChange(erased: .init(user: name, at: now)) }
        while alice.session.end == nil { await Task.yield() }
        #expect(alice.session.end?.code == 4001)
        for (number, word) in ["hushhush", "whisperwhisper", "murmurmurmur", owners[0]].enumerated() {
            #expect(try await self.files(with: word, fixture, number).isEmpty, "\(word)")
        }
        let found = try await bob.ask(self.general, SearchRequest(query: "number"), SearchPage.self)
        #expect(found.messages.isEmpty)
        let (answer, replayed) = try await self.recover(fixture, as: "carol")
        #expect(answer["recovered"]?.bool == true)
        #expect(replayed.compactMap { $0.payload["text"]?.string } == ["kept"])
        let user = try await fixture.store.read { (tables: ChatTables) throws(SQLiteFault) in try tables.user(name) }
        #expect(user?.password == nil && user?.role == .user && user?.tokensFrom == now)
        await fixture.store.close()
    }

    @Test func aMessageOfAnErasedUserThatArrivesLateIsNotTaken() async throws {
        let store = try ChatStore(self.database)
        store.redactions.isShared = true
        let fixture = try StoreFixture()
        let alice = fixture.alice
        try await store.write { (tables: ChatTables) throws(SQLiteFault) in
            try tables.erase(alice, at: ChatTime(milliseconds: 2_000))
        }
        let key = HistoryKey(endpoint: "/socket", channel: fixture.general.path)
        for number in 1...3 {
            let broadcast = StoredBroadcast(
                offset: UInt64(number),
                event: ChatMessage.event,
                requestId: "r\(number)",
                recipients: .all,
                payload: try fixture.message(number).payload()
            )
            await withCheckedContinuation { continuation in
                store.follow(broadcast, in: key, epoch: "e") { continuation.resume() }
            }
        }
        let (messages, waiting) = try await store.read { (tables: ChatTables) throws(SQLiteFault) in
            (try tables.page(of: fixture.general, at: .latest, count: 9, visible: .all), try tables.unerased())
        }
        #expect(messages?.messages.map(\.text) == ["text 3"])
        #expect(waiting.map(\.position.offset) == [1, 2] && waiting.allSatisfy { $0.payload == nil })
        await store.close()
    }

    @Test func aSearchFindsNothingOfWhatWasTakenBack() async throws {
        let fixture = try await ChatFixture(at: self.database)
        let alice = try await fixture.connect("alice", to: self.general)
        let said = try await alice.say(self.general, "hushhush")
        try alice.send(self.general, RemoveMessage(id: said.id))
        _ = try await alice.next(MessageRemoved.self)
        await fixture.store.scrub(words: true)
        for query in ["hushhush", "hus*"] {
            #expect(try await alice.ask(self.general, SearchRequest(query: query), SearchPage.self).messages.isEmpty)
        }
        let faults = try await fixture.store.readAtLength { (tables: ChatTables) throws(SQLiteFault) in
            try tables.connection.integrityFaults()
        }
        #expect(faults.isEmpty)
        await fixture.store.close()
    }

    @Test func refusedJoinsAndConnectionsLeaveNoRows() async throws {
        let fixture = try await ChatFixture(at: self.database) { $0.roomsOnDemand = false }
        func rows() async throws -> [Int64] {
            try await fixture.store.write { (tables: ChatTables) throws(SQLiteFault) in
                try ["channels", "messages", "conversations", "reads", "users", "broadcasts", "unerased"].map {
                    (table) throws(SQLiteFault) in try tables.connection.number("SELECT count(*) FROM \(table)")
                }
            }
        }
        let before = try await rows()
        for number in 0..<20 {
            let peer = try await fixture.connect("guest\(number)", address: "10.1.0.\(number)")
            await expectRefusal(404) { try await peer.join("/lobby/room\(number)") }
            await expectRefusal(403) { try await peer.join("/dm/alice~bob\(number)") }
            await expectRefusal(404) { try await peer.join("/dm/nonsense") }
            await expectRefusal(403) { _ = try await fixture.connect("server", address: "10.1.1.\(number)") }
            peer.session.close()
        }
        fixture.advance(by: NameOwner.grace + .seconds(5))
        #expect(try await rows() == before)
        await fixture.store.close()
    }
}
