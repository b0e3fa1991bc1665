import PondChat
import PondKit
import PondTesting
import Testing

@testable import pond_server

@Suite(.timeLimit(.minutes(1))) struct AbuseTests {
    private let general = "/lobby/general"

    @Test func warnsOnceAMinuteOfForwardingThatNobodyBelieves() async throws {
        let fixture = try await ChatFixture()
        for name in ["alice", "bob"] {
            _ = try await fixture.connect(name, headers: ["X-Forwarded-For": "203.0.113.9"])
        }
        func lines() -> Int { fixture.lines.withLock { $0.count { $0.contains("trusted-proxies is empty") } } }
        #expect(lines() == 1)
        fixture.advance(by: .seconds(61))
        _ = try await fixture.connect("carol", headers: ["X-Forwarded-For": "203.0.113.9"])
        #expect(lines() == 2)
        let trusting = try await ChatFixture { $0.trustedProxies = ["10.0.0.0/8"] }
        _ = try await trusting.connect("alice", headers: ["X-Forwarded-For": "203.0.113.9"])
        #expect(trusting.lines.withLock { !$0.contains { $0.contains("trusted-proxies") } })
    }

    @Test("A spammer is slowed down, and others notice nothing")
    func spam() async throws {
        let fixture = try await ChatFixture { $0.messageBurst = 5 }
        let spammer = try await fixture.connect("spammer", to: self.general)
        let alice = try await fixture.connect("alice", to: self.general)
        var refused = 0
        for number in 0..<50 {
            do { try await spammer.say(self.general, "buy \(number)") } catch let error as PondError {
                #expect(error.code == 429 && (error.retryAfter ?? 0) > 0)
                refused += 1
            }
        }
        #expect(refused == 45)
        try await alice.say(self.general, "hello")
        fixture.advance(by: .seconds(1))
        try await spammer.say(self.general, "slower")
    }

    @Test("Who spams or makes rooms under many names is slowed down by the address; others are not")
    func manyNames() async throws {
        let fixture = try await ChatFixture {
            $0.messageBurst = 5
            $0.messagesPerAddress = 6
            $0.roomsPerUser = 1
        }
        let names = (0..<8).map { "spam\(String(UnicodeScalar(UInt8(97 + $0 * 2))))" }
        let alice = try await fixture.connect("alice", address: "10.0.0.2")
        try await alice.join(self.general)
        var (said, made) = (0, 0)
        for name in names {
            let spammer = try await fixture.connect(name, to: self.general)
            for number in 0..<5 { if (try? await spammer.say(self.general, "buy \(number)")) != nil { said += 1 } }
            if (try? await spammer.join("/lobby/of-\(name)")) != nil { made += 1 }
        }
        #expect(said == 12 && made == 5)
        try await alice.say(self.general, "hello")
        try await alice.join("/lobby/mine")
    }

    @Test("Who takes one name after another is slowed down; other addresses are not")
    func hoarding() async throws {
        let fixture = try await ChatFixture { $0.connectionsPerAddress = 5 }
        var taken = 0
        for number in 0..<30 {
            guard let peer = try? await fixture.connect("hoard\(number)") else { continue }
            taken += 1
            peer.session.close()
        }
        #expect(taken == 10)
        _ = try await fixture.connect("bob", address: "10.0.0.2")
        fixture.advance(by: .seconds(2))
        _ = try await fixture.connect("late")
    }

    @Test("Who makes rooms in a loop is stopped; who joins one that is there is not")
    func rooms() async throws {
        let fixture = try await ChatFixture { $0.roomsPerUser = 3 }
        let maker = try await fixture.connect("maker")
        var made = 0
        for number in 0..<10 {
            do {
                try await maker.join("/lobby/room\(String(UnicodeScalar(UInt8(97 + number * 2))))x")
                made += 1
            } catch let error as PondError { #expect(error.code == 429) }
        }
        #expect(made == 3)
        try await maker.join(self.general)
    }

    @Test("There are only so many rooms, and none that looks like another")
    func roomLimits() async throws {
        let fixture = try await ChatFixture { $0.roomLimit = 1 }
        let maker = try await fixture.connect("maker")
        await expectRefusal(409) { try await maker.join("/lobby/genera1") }
        try await maker.join("/lobby/attic")
        await expectRefusal(503) { try await maker.join("/lobby/cellar") }
        let closed = try await ChatFixture { $0.roomsOnDemand = false }
        let other = try await closed.connect("maker")
        await expectRefusal(404) { try await other.join("/lobby/attic") }
    }

    @Test("Who tries names as fast as they come is slowed down; other addresses are not")
    func names() async throws {
        let fixture = try await ChatFixture()
        _ = try await fixture.connect("alice", address: "10.0.0.9")
        var codes: [Int: Int] = [:]
        for _ in 0..<60 {
            do { _ = try await fixture.connect("alice") } catch let error as PondError {
                codes[error.code, default: 0] += 1
            }
        }
        #expect(codes == [409: 40, 429: 20])
        _ = try await fixture.connect("bob", address: "10.0.0.2")
    }

    @Test(
        "A payload of any wrong shape is refused by name and harms nobody",
        arguments: [
            #"{}"#, #"{"id":7,"text":"x"}"#, #"{"id":"m","text":["x"]}"#, #"{"id":"m m","text":"x"}"#,
            #"{"id":"m","text":"x","kind":"notice"}"#, #"{"id":"m","text":"x","kind":"shout"}"#,
            #"{"id":"m","text":"\u0000\u202e"}"#, #"{"id":"m","text":" "}"#, #"{"id":"m","text":"x","replyTo":""}"#,
        ]
    )
    func shapes(_ text: String) async throws {
        let fixture = try await ChatFixture()
        let peer = try await fixture.connect("peer", to: self.general)
        let request = peer.session.send(self.general, "message", try Payload(parsing: Array(text.utf8)))
        let answer = try await peer.receive { $0.requestId == request || $0.event == "message" }
        if answer.event == "message" {
            #expect(
                answer.payload["text"]?.string?.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x202E }
                    == false
            )
        } else {
            #expect((400...413).contains(answer.payload["status"]?.int ?? 0))
        }
        try await peer.say(self.general, "still here")
    }

    @Test("An oversized text is refused with 413")
    func size() async throws {
        let fixture = try await ChatFixture()
        let peer = try await fixture.connect("peer", to: self.general)
        await expectRefusal(413) { try await peer.say(self.general, String(repeating: "x", count: 2_001)) }
        await expectRefusal(413) { try await peer.say(self.general, String(repeating: "a\u{301}", count: 100_000)) }
        await expectRefusal(413) { try await peer.say(self.general, String(repeating: "a\n", count: 150)) }
        try await peer.say(self.general, String(repeating: "x", count: 2_000))
    }

    @Test("A full disk costs the message an error; the server lives and recovers")
    func fullDisk() async throws {
        let folder = TemporaryFolder()
        let fixture = try await ChatFixture(at: .file(folder.file("chat.db")))
        let peer = try await fixture.connect("peer", to: self.general)
        try await peer.say(self.general, "before")
        _ = try await fixture.store.write { (tables: ChatTables) throws(SQLiteFault) in
            let pages = try tables.connection.number("PRAGMA page_count")
            return try tables.connection.number("PRAGMA max_page_count = \(pages)")
        }
        var refused = 0
        for number in 0..<20 {
            do { try await peer.say(self.general, String(repeating: "long \(number) ", count: 200)) } catch let error
                as PondError
            {
                #expect(error.code == 503)
                refused += 1
            }
        }
        #expect(refused > 0)
        _ = try await fixture.store.write { (tables: ChatTables) throws(SQLiteFault) in
            try tables.connection.number("PRAGMA max_page_count = 100000")
        }
        try await peer.say(self.general, "after")
        let page = try await peer.ask(self.general, HistoryRequest(limit: 200), HistoryPage.self)
        #expect(page.messages.count == 22 - refused)
        await fixture.store.close()
    }
}
