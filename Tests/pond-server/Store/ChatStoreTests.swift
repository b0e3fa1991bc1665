import PondChat
import PondKit
import PondTesting
import Testing

@testable import pond_server

@Suite(.timeLimit(.minutes(1))) struct ChatStoreTests {
    private let fixture: StoreFixture
    private let store: ChatStore

    init() throws {
        self.fixture = try StoreFixture()
        self.store = try ChatStore(.memory)
    }

    private func page(_ anchor: HistoryRequest.Anchor, _ count: Int) async throws -> HistoryPage? {
        let channel = self.fixture.general
        return try await self.store.read { (tables: ChatTables) throws(SQLiteFault) in
            try tables.page(of: channel, at: anchor, count: count)
        }
    }

    private func numbers(_ page: HistoryPage?) -> [String] { page?.messages.map(\.id.text) ?? [] }

    @Test("A message comes back as it was stored, with all its parts")
    func roundTrip() async throws {
        let message = ChatMessage(
            id: try MessageID("x"),
            sender: self.fixture.alice,
            at: ChatTime(milliseconds: 1_700_000_000_123),
            kind: .action,
            text: "wäves\n@bob ' \" ; DROP TABLE messages; 👋",
            replyTo: try MessageID("w"),
            mentions: [self.fixture.bob]
        )
        let channel = self.fixture.pair
        let (outcome, found) = try await self.store.write { (tables: ChatTables) throws(SQLiteFault) in
            (try tables.append(message, to: channel), try tables.message(message.id, in: channel))
        }
        #expect(outcome == .stored)
        #expect(found == message)
    }

    @Test("A message sent twice is stored once, and nobody can take another's id")
    func once() async throws {
        let (first, channel) = (try self.fixture.message(1), self.fixture.general)
        var again = first
        again.at = ChatTime(milliseconds: 9_999)
        again.text = "again"
        var other = first
        other.sender = self.fixture.bob
        let (repeated, thief) = (again, other)
        let elsewhere = self.fixture.pair
        let outcomes = try await self.store.write { (tables: ChatTables) throws(SQLiteFault) in
            [
                try tables.append(first, to: channel), try tables.append(repeated, to: channel),
                try tables.append(thief, to: channel), try tables.append(thief, to: elsewhere),
            ]
        }
        #expect(outcomes == [.stored, .repeated(first), .idTaken, .stored])
        #expect(self.numbers(try await self.page(.latest, 10)) == ["m1"])
    }

    @Test("Pages lie where they are asked for, in order, and tell what is beyond them")
    func paging() async throws {
        try await self.fixture.fill(self.store, 10)
        let m4 = try MessageID("m4")
        let latest = try await self.page(.latest, 3)
        #expect(self.numbers(latest) == ["m8", "m9", "m10"])
        #expect(latest?.hasOlder == true && latest?.hasNewer == false)
        let before = try await self.page(.before(m4), 3)
        #expect(self.numbers(before) == ["m1", "m2", "m3"])
        #expect(before?.hasOlder == false && before?.hasNewer == true)
        let after = try await self.page(.after(m4), 3)
        #expect(self.numbers(after) == ["m5", "m6", "m7"])
        #expect(after?.hasOlder == true && after?.hasNewer == true)
        let around = try await self.page(.around(m4), 4)
        #expect(self.numbers(around) == ["m2", "m3", "m4", "m5"])
        #expect(around?.hasOlder == true && around?.hasNewer == true)
        #expect(self.numbers(try await self.page(.latest, 10)).count == 10)
        #expect(try await self.page(.latest, 10)?.hasOlder == false)
        #expect(try await self.page(.before(MessageID("none")), 3) == nil)
    }

    @Test("A channel nobody wrote in has an empty latest page")
    func emptyChannel() async throws {
        #expect(try await self.page(.latest, 3) == HistoryPage(messages: [], hasOlder: false, hasNewer: false))
        #expect(try await self.page(.after(MessageID("m")), 3) == nil)
    }

    @Test("An edit changes text and mentions; a removal leaves an empty entry that cannot be edited")
    func editing() async throws {
        try await self.fixture.fill(self.store, 2)
        let (channel, id, bob) = (self.fixture.general, try MessageID("m1"), self.fixture.bob)
        let now = ChatTime(milliseconds: 50_000)
        let edited = try await self.store.write { (tables: ChatTables) throws(SQLiteFault) in
            (
                try tables.edit(id, in: channel, text: "hi @bob", mentions: [bob], at: now),
                try tables.message(id, in: channel), try tables.readState(of: bob, in: channel)
            )
        }
        #expect(edited.0)
        #expect(edited.1?.text == "hi @bob" && edited.1?.editedAt == now && edited.1?.mentions == [bob])
        #expect(edited.2.mentions == 1)
        let removed = try await self.store.write { (tables: ChatTables) throws(SQLiteFault) in
            (
                [
                    try tables.remove(id, in: channel, at: now), try tables.remove(id, in: channel, at: now),
                    try tables.edit(id, in: channel, text: "back", mentions: [], at: now),
                ],
                try tables.message(id, in: channel), try tables.readState(of: bob, in: channel)
            )
        }
        #expect(removed.0 == [true, false, false])
        #expect(removed.1?.text == "" && removed.1?.removedAt == now)
        #expect(removed.2.mentions == 0 && removed.2.unread == 1)
    }

    @Test(
        "A search finds messages that hold all words, whatever their case and accents, and nothing else",
        arguments: [
            ("quick fox", ["m1"]), ("QUICK", ["m2", "m1"]), ("jurgen", ["m3"]), ("jür*", ["m3"]),
            ("qui*", ["m2", "m1"]),
            ("qui", []), ("\"quick fox", ["m1"]), ("fox OR dog", []), ("text:quick", []), ("quick*", ["m2", "m1"]),
            ("brow* fo*", []), ("bro* quick QUICK", ["m1"]), ("jürg* ist", ["m3"]),
            ("Jürgi*", []), ("qu*", []), ("qui* bro* fox*", []), ("NEAR(quick)", []),
            ("東京", ["m4"]), ("東京 quick", []), ("*", []), ("", []), ("-quick", ["m2", "m1"]), ("gone", []),
        ]
    )
    func search(_ query: String, _ expected: [String]) async throws {
        let texts = ["the quick brown fox", "Quick, dog", "Jürgen ist da", "明日は東京へ", "gone"]
        let (channel, elsewhere) = (self.fixture.general, self.fixture.pair)
        let messages = try texts.enumerated().map { try self.fixture.message($0.offset + 1, text: $0.element) }
        let found = try await self.store.write { (tables: ChatTables) throws(SQLiteFault) in
            for message in messages { _ = try tables.append(message, to: channel) }
            _ = try tables.append(messages[0], to: elsewhere)
            _ = try tables.remove(messages[4].id, in: channel, at: messages[4].at)
            return try tables.search(SearchRequest(query: query), in: channel, count: 10)
        }
        #expect(found.messages.map(\.id.text) == expected)
    }

    @Test("Search results come in pages, by one user where asked, and follow edits")
    func searchPages() async throws {
        let (channel, bob) = (self.fixture.general, self.fixture.bob)
        let messages = try (1...6).map { try self.fixture.message($0, by: $0 == 3 ? bob : nil, text: "word \($0)") }
        try await self.store.write { (tables: ChatTables) throws(SQLiteFault) in
            for message in messages { _ = try tables.append(message, to: channel) }
            _ = try tables.edit(messages[5].id, in: channel, text: "other", mentions: [], at: messages[5].at)
        }
        let search = { @Sendable (request: SearchRequest) in
            try await self.store.read { (tables: ChatTables) throws(SQLiteFault) in
                try tables.search(request, in: channel, count: 2)
            }
        }
        let first = try await search(SearchRequest(query: "word"))
        #expect(first.messages.map(\.id.text) == ["m5", "m4"] && first.hasMore)
        let second = try await search(SearchRequest(query: "word", before: MessageID("m4")))
        #expect(second.messages.map(\.id.text) == ["m3", "m2"] && second.hasMore)
        let last = try await search(SearchRequest(query: "word", before: MessageID("m2")))
        #expect(last.messages.map(\.id.text) == ["m1"] && !last.hasMore)
        #expect(try await search(SearchRequest(query: "word", from: bob)).messages.map(\.id.text) == ["m3"])
        #expect(try await search(SearchRequest(query: "other")).messages.map(\.id.text) == ["m6"])
    }

    @Test("A search that takes too long ends with what it found, and says that there may be more")
    func searchTime() async throws {
        try await self.fixture.fill(self.store, 3_000)
        let channel = self.fixture.general
        let pages = try await self.store.read { (tables: ChatTables) throws(SQLiteFault) in
            [
                try tables.search(SearchRequest(query: "東"), in: channel, count: 10, within: .zero),
                try tables.search(SearchRequest(query: "東"), in: channel, count: 10, within: .seconds(60)),
                try tables.search(SearchRequest(query: "text"), in: channel, count: 3, within: .seconds(60)),
            ]
        }
        #expect(pages[0] == SearchPage(messages: [], hasMore: true, next: try MessageID("m953")))
        #expect(pages[1] == SearchPage(messages: [], hasMore: false))
        #expect(pages[2].messages.map(\.id.text) == ["m3000", "m2999", "m2998"] && pages[2].hasMore)
    }

    @Test("A search that is cut short again and again goes on where it was, and finds what is old")
    func searchOn() async throws {
        let old = try self.fixture.message(1, text: "東京")
        let channel = self.fixture.general
        let newer = try (2...9_000).map { try self.fixture.message($0) }
        let found = try await self.store.write { (tables: ChatTables) throws(SQLiteFault) in
            _ = try tables.append(old, to: channel)
            for message in newer { _ = try tables.append(message, to: channel) }
            var (request, pages) = (SearchRequest(query: "東"), [SearchPage]())
            while pages.count < 100 {
                let page = try tables.search(request, in: channel, count: 10, within: .zero)
                pages.append(page)
                guard let next = page.next else { break }
                request.before = next
            }
            return pages
        }
        #expect(found.count > 1 && found.dropLast().allSatisfy { $0.hasMore && $0.messages.isEmpty })
        #expect(found.last?.messages == [old] && found.last?.hasMore == false)
    }

    @Test("A ban of addresses comes back as it was imposed, until it is over or lifted")
    func addressBans() async throws {
        let now = ChatTime(milliseconds: 1_000)
        let network = try #require(AddressRange("203.0.113.0/24"))
        let address = try #require(AddressRange("2001:db8::7"))
        let lasting = AddressBan(range: network, until: nil, reason: "that house", at: now)
        let brief = AddressBan(range: address, until: now + .seconds(1), reason: nil, at: now + .seconds(0.5))
        let (all, later, lifted, again) = try await self.store.write { (tables: ChatTables) throws(SQLiteFault) in
            try tables.impose(lasting)
            try tables.impose(brief)
            return (
                try tables.addressBans(at: now), try tables.addressBans(at: now + .seconds(1)),
                try tables.lift(network), try tables.lift(network)
            )
        }
        #expect(all == [lasting, brief] && later == [lasting])
        #expect(lifted && !again)
    }

    @Test("A read mark moves forward only; own messages are never unread; mentions are counted apart")
    func marks() async throws {
        let (channel, alice, bob) = (self.fixture.general, self.fixture.alice, self.fixture.bob)
        let messages = try [
            self.fixture.message(1), self.fixture.message(2, mentions: [bob]), self.fixture.message(3, by: bob),
            self.fixture.message(4, mentions: [bob]),
        ]
        let states = try await self.store.write { (tables: ChatTables) throws(SQLiteFault) in
            for message in messages { _ = try tables.append(message, to: channel) }
            return [
                try tables.readState(of: bob, in: channel), try tables.readState(of: alice, in: channel),
                try tables.markRead(messages[2].id, by: bob, in: channel),
                try tables.markRead(messages[0].id, by: bob, in: channel),
            ]
        }
        #expect(states[0] == ReadState(upTo: nil, unread: 3, mentions: 2))
        #expect(states[1] == ReadState(upTo: nil, unread: 1, mentions: 0))
        #expect(states[2] == ReadState(upTo: messages[2].id, unread: 1, mentions: 1))
        #expect(states[3] == states[2])
        let unknown = try MessageID("none")
        #expect(
            try await self.store.write { (tables: ChatTables) throws(SQLiteFault) in
                try tables.markRead(unknown, by: bob, in: channel)
            } == nil
        )
    }

    @Test("Conversations with something unread are known, to their two users alone")
    func conversations() async throws {
        let (pair, alice, bob) = (self.fixture.pair, self.fixture.alice, self.fixture.bob)
        try await self.fixture.fill(self.store, 2, in: pair)
        let (forBob, forAlice) = try await self.store.read { (tables: ChatTables) throws(SQLiteFault) in
            (try tables.unreadConversations(of: bob), try tables.unreadConversations(of: alice))
        }
        #expect(forBob == [DirectNotice(with: alice, unread: 2, last: try self.fixture.message(2))])
        #expect(forAlice.isEmpty)
    }

    @Test("A claimed name is remembered with what its owner may do, and void tokens with their end")
    func users() async throws {
        let (alice, now) = (self.fixture.alice, ChatTime(milliseconds: 5))
        let twin = try UserName("al1ce")
        let (user, look, none, void) = try await self.store.write { (tables: ChatTables) throws(SQLiteFault) in
            let none = try tables.claimedUser(lookingLike: twin)
            try tables.setPassword("hash", of: alice, at: now)
            try tables.setRole(.moderator, of: alice, at: now)
            try tables.touch(alice, at: ChatTime(milliseconds: 9))
            try tables.voidToken("t1", until: ChatTime(milliseconds: 100))
            return (
                try tables.user(alice), try tables.claimedUser(lookingLike: twin),
                none, [try tables.isVoid("t1"), try tables.isVoid("t2")]
            )
        }
        #expect(user?.password == "hash" && user?.role == .moderator && user?.seen == ChatTime(milliseconds: 9))
        #expect(user?.tokensFrom == now)
        #expect(look?.name == alice && none == nil)
        #expect(void == [true, false])
        let still = try await self.store.write { (tables: ChatTables) throws(SQLiteFault) in
            try tables.forgetEnded(at: ChatTime(milliseconds: 100))
            return try tables.isVoid("t1")
        }
        #expect(!still)
    }

    @Test("Bans and mutes hold where and as long as they were meant to")
    func sanctions() async throws {
        let (bob, alice, general) = (self.fixture.bob, self.fixture.alice, self.fixture.general)
        let now = ChatTime(milliseconds: 1_000)
        let ban = Sanction(kind: .ban, channel: nil, user: bob, until: nil, reason: "spam", by: alice, at: now)
        let mute = Sanction(kind: .mute, channel: general, user: bob, until: now + .seconds(60), by: alice, at: now)
        let shouted = try UserName("BOB")
        let (both, lifted, later) = try await self.store.write { (tables: ChatTables) throws(SQLiteFault) in
            try tables.impose(mute)
            try tables.impose(ban)
            let both = try tables.sanctions(at: now)
            let lifted = [
                try tables.lift(.ban, of: bob, in: general), try tables.lift(.ban, of: shouted, in: nil),
                try tables.lift(.ban, of: bob, in: nil),
            ]
            return (both, lifted, try tables.sanctions(at: now + .seconds(60)))
        }
        #expect(Set(both) == [ban, mute])
        #expect(lifted == [false, true, false])
        #expect(later.isEmpty)
    }

    @Test("Rooms keep topic, slow mode and permanence; forgetting one forgets what was said in it")
    func rooms() async throws {
        try await self.fixture.fill(self.store, 3)
        let (general, now) = (self.fixture.general, ChatTime(milliseconds: 1))
        let room = StoredRoom(room: try RoomName("general"), topic: "hello", slowSeconds: 5, permanent: true)
        let (rooms, gone, left, found) = try await self.store.write { (tables: ChatTables) throws(SQLiteFault) in
            try tables.save(room, at: now)
            let rooms = try tables.rooms()
            let gone = [try tables.forget(general), try tables.forget(general)]
            return (
                rooms, gone, try tables.statistics().messages,
                try tables.search(SearchRequest(query: "text"), in: general, count: 5).messages
            )
        }
        #expect(rooms == [room])
        #expect(gone == [true, false])
        #expect(left == 0 && found.isEmpty)
    }

    @Test("Retention removes what is too old or too many, in bounded bites, and nothing else")
    func retention() async throws {
        try await self.fixture.fill(self.store, 100)
        let channel = self.fixture.general
        let (counts, left, hits) = try await self.store.write { (tables: ChatTables) throws(SQLiteFault) in
            var counts = [
                try tables.prune(before: ChatTime(milliseconds: 20_500), keeping: nil, limit: 15),
                try tables.prune(before: ChatTime(milliseconds: 20_500), keeping: nil, limit: 15),
            ]
            while let last = counts.last, last > 0 {
                counts.append(try tables.prune(before: nil, keeping: 50, limit: 25))
            }
            return (
                counts, try tables.page(of: channel, at: .latest, count: 200),
                try tables.search(SearchRequest(query: "text"), in: channel, count: 200).messages.count
            )
        }
        #expect(counts == [15, 5, 25, 5, 0])
        #expect(left?.messages.first?.id.text == "m51" && left?.messages.count == 50)
        #expect(hits == 50)
    }

    @Test("An export is one JSON object a line, with the channel of each")
    func export() async throws {
        try await self.fixture.fill(self.store, 2)
        try await self.fixture.fill(self.store, 1, in: self.fixture.pair)
        let pair = self.fixture.pair
        let (all, some) = try await self.store.readAtLength { (tables: ChatTables) throws(SQLiteFault) in
            var (all, some): ([String], [String]) = ([], [])
            try tables.export { (line: String) throws(SQLiteFault) in all.append(line) }
            try tables.export(pair) { (line: String) throws(SQLiteFault) in some.append(line) }
            return (all, some)
        }
        #expect(all.count == 3 && some.count == 1)
        #expect(
            some[0]
                == #"{"channel":"/dm/alice~bob","id":"m1","sender":"Alice","at":1000,"kind":"text","text":"text 1"}"#
        )
    }

    @Test("What was written in a file is there after a restart, and a backup of it is whole")
    func restart() async throws {
        let folder = TemporaryFolder()
        let first = try ChatStore(.file(folder.file("chat.db")))
        try await self.fixture.fill(first, 5)
        await first.close()
        let second = try ChatStore(.file(folder.file("chat.db")))
        let copy = folder.file("copy.db")
        try await second.readAtLength { (tables: ChatTables) throws(SQLiteFault) in
            try tables.connection.backup(to: copy)
        }
        await second.close()
        let third = try ChatStore(.file(copy))
        let channel = self.fixture.general
        let (page, faults) = try await third.read { (tables: ChatTables) throws(SQLiteFault) in
            (try tables.page(of: channel, at: .latest, count: 10), try tables.connection.integrityFaults())
        }
        #expect(page?.messages.count == 5 && faults.isEmpty)
        await third.close()
    }

    @Test("A full disk is told to the sender as 503, and the next message goes through when there is room")
    func full() async throws {
        let folder = TemporaryFolder()
        let store = try ChatStore(.file(folder.file("chat.db")))
        try await self.fixture.fill(store, 5)
        let channel = self.fixture.general
        let big = try self.fixture.message(6, text: String(repeating: "long ", count: 3_000))
        _ = try await store.write { (tables: ChatTables) throws(SQLiteFault) in
            let pages = try tables.connection.number("PRAGMA page_count")
            return try tables.connection.number("PRAGMA max_page_count = \(pages)")
        }
        let append = { @Sendable () async throws(PondError) in
            try await store.write { (tables: ChatTables) throws(SQLiteFault) in
                try tables.append(big, to: channel)
            }
        }
        await #expect { _ = try await append() } throws: {
            ($0 as? PondError)?.code == 503 && ($0 as? PondError)?.temporary == true
        }
        _ = try await store.write { (tables: ChatTables) throws(SQLiteFault) in
            try tables.connection.number("PRAGMA max_page_count = 1000000")
        }
        #expect(try await append() == .stored)
        await store.close()
    }
}
