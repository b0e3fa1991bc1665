import PondKit
import PondTesting
import Testing

@testable import PondCore
@testable import PondNet
@testable import PondRuntime
@testable import PondServer

/// What v1 members cost, who are sent the full list with each change of presence.
@Suite struct PresenceListTests {
    private func application(_ configure: (inout Limits) -> Void) throws -> PondSocket {
        var options = PondOptions()
        options.log = SilentLog()
        options.limits.sessionGrace = .zero
        configure(&options.limits)
        let pond = PondSocket(options: options.onTestCarrier)
        let endpoint = try pond.createEndpoint("/socket") { $0.accept(userId: $0.query["id"]?.first) }
        let lobby = try endpoint.createChannel("/room") { context in
            context.accept()
            try context.track(["id": .string(context.user.id), "text": .string(String(repeating: "t", count: 200))])
        }
        try lobby.onMessage("status") { context in
            try context.updatePresence(["id": .string(context.user.id), "n": context.payload["n"] ?? .null])
        }
        try lobby.onMessage("echo") { $0.reply("echo") }
        return pond
    }

    private func members(_ count: Int, of pond: PondSocket) throws -> [PondTestSession] {
        try (0..<count).map { number in
            let session = try pond.test.connect("/socket?id=u\(number)")
            session.join("/room")
            return session
        }
    }

    private func presence(_ session: PondTestSession) -> [ServerMessage] {
        session.receiveAll().filter { $0.action == .presence }
    }

    /// Which users' events the messages announce, such as "JOIN u1".
    private func events(_ messages: [ServerMessage]) -> [String] {
        messages.map { "\($0.event) \($0.payload["changed"]?["id"]?.string ?? "?")" }
    }

    private func list(_ message: ServerMessage?) -> [String?] {
        message?.payload["presence"]?.array?.map { $0["id"]?.string } ?? []
    }

    @Test func sendsFullListsWithinTheBudgetWhateverTheMembersChange() throws {
        let rate = 200_000
        let pond = try self.application { $0.presenceListBytesPerSecond = rate }
        let members = try self.members(20, of: pond)
        pond.test.advance(by: .seconds(60))
        for member in members { _ = member.receiveAll() }
        var bytes = 0
        for round in 1...100 {
            for member in members { member.send("/room", "status", ["n": .int(Int64(round))]) }
            pond.test.advance(by: .milliseconds(100))
            let echo = members[0].send("/room", "echo")
            let heard = members.map { $0.receiveAll() }
            #expect(heard[0].contains { $0.requestId == echo }, "another message is answered meanwhile")
            bytes += heard.joined().reduce(0) { $0 + ($1.action == .presence ? $1.encoded().count : 0) }
        }
        let list = 20 * 40 + 200
        // 2,000 changes would have been 2,000 lists to 20 members.
        #expect(bytes <= rate * 11 + 20 * list, "\(bytes)")
        #expect(bytes > rate * 8, "\(bytes)")
        pond.test.advance(by: .seconds(30))
        for member in members {
            let last = try #require(self.presence(member).last)
            #expect(
                last.payload["presence"]?.array?.allSatisfy { $0["n"] == 100 } == true,
                "everybody has the newest list"
            )
        }
    }

    @Test func announcesEachJoinAndLeaveInOrderThoughTheyWaitForTheBudget() throws {
        let pond = try self.application { $0.presenceListBytesPerSecond = 10_000 }
        let watcher = try self.members(1, of: pond)[0]
        _ = watcher.receiveAll()
        var expected: [String] = []
        for number in 1...12 {
            let session = try pond.test.connect("/socket?id=v\(number)")
            session.join("/room")
            session.send("/room", "status", ["n": 1])
            expected.append("JOIN v\(number)")
            if number % 3 == 0 {
                session.leave("/room")
                expected.append("LEAVE v\(number)")
            }
        }
        pond.test.run()
        let atOnce = self.presence(watcher)
        #expect(atOnce.count < 8)
        var heard = atOnce
        for _ in 0..<60 {
            pond.test.advance(by: .milliseconds(500))
            heard += self.presence(watcher)
        }
        #expect(self.events(heard).filter { !$0.hasPrefix("UPDATE") } == expected)
        #expect(self.list(heard.last).count == 9)
    }

    @Test func keepsAMemberThatReadsSlowlyAndTellsItTheNewestList() throws {
        let pond = try self.application { $0.outboundBytes = 40_000 }
        let members = try self.members(20, of: pond)
        let (slow, other) = (members[0], members[1])
        for member in members { _ = member.receiveAll() }
        slow.pauseReading()
        for round in 1...200 {
            for member in members.dropFirst() { member.send("/room", "status", ["n": .int(Int64(round))]) }
            pond.test.advance(by: .milliseconds(100))
            #expect(!other.receiveAll().isEmpty)
        }
        members[19].leave("/room")
        pond.test.advance(by: .seconds(1))
        #expect(slow.end == nil)
        slow.resumeReading()
        for _ in 0..<20 { pond.test.advance(by: .milliseconds(100)) }
        let heard = self.presence(slow)
        #expect(self.events(heard).filter { $0.hasPrefix("LEAVE") } == ["LEAVE u19"])
        let last = try #require(heard.last)
        #expect(last.payload["presence"]?.array?.dropFirst().allSatisfy { $0["n"] == 200 } == true)
        #expect(self.list(last).count == 19)
        // It is as any other member again.
        members[2].send("/room", "status", ["n": 1_000])
        pond.test.run()
        #expect(self.events(self.presence(slow)) == ["UPDATE u2"])
    }

    @Test func mergesWhatWaitsOfOneKey() {
        var queue = PresenceQueue()
        func add(_ event: PresenceEvent, _ key: String, _ text: String) {
            let announcement = PresenceAnnouncement(event: event, key: key, text: Array(text.utf8))
            queue.append(announcement, limit: 10_000, now: .zero)
        }
        add(.join, "a", "1")
        add(.update, "a", "2")
        add(.update, "b", "1")
        add(.leave, "a", "2")
        add(.update, "b", "2")
        add(.leave, "b", "2")
        add(.join, "a", "3")
        var words: [String] = []
        while let next = queue.popFirst(delay: .seconds(1), now: .zero) {
            words.append("\(next.event.rawValue) \(next.key) \(String(decoding: next.text, as: UTF8.self))")
        }
        #expect(words == ["JOIN a 2", "LEAVE a 2", "LEAVE b 2", "JOIN a 3"])
        #expect(queue.bytes == 0)
    }

    @Test func dropsWhatWaitedTooLongOrExceedsTheBoundExceptTheNewestChange() {
        var queue = PresenceQueue()
        for number in 0..<1_000 {
            let announcement = PresenceAnnouncement(
                event: .join,
                key: "u\(number)",
                text: [UInt8](repeating: 1, count: 100)
            )
            queue.append(announcement, limit: 10_000, now: .zero)
            #expect(queue.bytes <= 10_000)
        }
        let late = MonotonicTime.zero + .seconds(60)
        #expect(queue.popFirst(delay: .seconds(30), now: late)?.key == "u999")
        #expect(queue.isEmpty && queue.bytes == 0)
    }

    @Test func waitsWithAListWhileTheLastOnesAreNotPaidFor() {
        var budget = PresenceBudget()
        let start = MonotonicTime.zero + .seconds(100)
        #expect(budget.wait(now: start) == nil)
        budget.pay(2_500, perSecond: 1_000, delay: .seconds(30), now: start)
        #expect(budget.wait(now: start) == .milliseconds(1_500))
        #expect(budget.wait(now: start + .milliseconds(1_500)) == nil)
        budget.pay(.max, perSecond: 1_000, delay: .seconds(30), now: start + .seconds(10))
        #expect(budget.wait(now: start + .seconds(10)) == .seconds(29))
    }
}
