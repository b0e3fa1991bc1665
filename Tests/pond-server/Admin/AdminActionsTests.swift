import Glibc
import PondChat
import PondKit
import PondTesting
import Testing

@testable import pond_server

@Suite(.timeLimit(.minutes(1))) struct AdminActionsTests {
    private let general = "/lobby/general"

    /// What a command answers: lines that begin with `+`, or with `-` for a failure.
    private func admin(_ chat: ChatServer, _ words: String..., options: [String: String] = [:]) async throws -> String {
        var ends: [Int32] = [0, 0]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        defer { close(ends[1]) }
        let output = AdminOutput(ends[0])
        let request = AdminRequest(command: words[0], arguments: Array(words.dropFirst()), options: options)
        await AdminActions(chat: chat).answer(request, output)
        output.end()
        var lines: [String] = []
        while let line = UnixSocket.readLine(ends[1], limit: 1 << 20) {
            lines.append(String(decoding: line, as: UTF8.self))
        }
        return lines.joined(separator: "\n")
    }

    @Test("Figures, rooms, users and connections are what they are")
    func looking() async throws {
        let fixture = try await ChatFixture()
        let alice = try await fixture.connect("Alice", to: self.general)
        try await alice.say(self.general, "hello")
        #expect(try await self.admin(fixture.chat, "stats").contains("+messages: 1"))
        #expect(try await self.admin(fixture.chat, "rooms") == "+#general 1 permanent Everything and nothing")
        #expect(try await self.admin(fixture.chat, "connections").hasPrefix("+Alice 10.0.0.1 user since "))
        #expect(try await self.admin(fixture.chat, "export").contains(#""text":"hello""#))
        #expect(try await self.admin(fixture.chat, "users").isEmpty)
    }

    @Test("A ban ends connections, is listed, and is lifted again")
    func bans() async throws {
        let fixture = try await ChatFixture()
        let bob = try await fixture.connect("bob", to: self.general)
        let answer = try await self.admin(
            fixture.chat,
            "ban",
            "bob",
            options: ["reason": "line\nbreak", "seconds": "60"]
        )
        #expect(answer == "+bob is banned everywhere")
        while bob.session.end == nil { await Task.yield() }
        #expect(bob.session.end?.reason == "line break")
        #expect(try await self.admin(fixture.chat, "bans").hasPrefix("+ban bob everywhere until "))
        #expect(try await self.admin(fixture.chat, "unban", "bob") == "+bob may come back")
        #expect(try await self.admin(fixture.chat, "unban", "bob").hasPrefix("-"))
        #expect(try await self.admin(fixture.chat, "ban-address", "10.0.0.7/8") == "+10.0.0.0/8 is banned")
        #expect(try await self.admin(fixture.chat, "bans") == "+ban 10.0.0.0/8 everywhere for ever")
        await expectRefusal(403) { _ = try await fixture.connect("carol") }
        #expect(try await self.admin(fixture.chat, "unban-address", "10.0.0.0/8") == "+10.0.0.0/8 may come back")
    }

    @Test func theDoctorJudgesEveryPartAndFailsWithTheClock() async throws {
        let fixture = try await ChatFixture { $0.inMemory = true }
        let healthy = try await self.admin(fixture.chat, "doctor")
        for subject in ["+ok configuration", "process", "+ok database", "+warning disk", "+ok clock"] {
            #expect(healthy.contains(subject), "\(healthy)")
        }
        #expect(!healthy.contains("\n-"))
        await fixture.chat.prune()
        fixture.jump(by: .seconds(400 * 86_400))
        await fixture.chat.prune()
        let jumped = try await self.admin(fixture.chat, "doctor")
        #expect(jumped.contains("+fault clock: it jumped from") && jumped.contains("\n-1 of"), "\(jumped)")
    }

    @Test func eraseDeletesWhatAUserSaidAndFreesTheName() async throws {
        let fixture = try await ChatFixture()
        let alice = try await fixture.connect("alice", to: self.general)
        try await alice.say(self.general, "hello")
        #expect(try await self.admin(fixture.chat, "erase", "alice").hasPrefix("+alice is erased"))
        #expect(try await self.admin(fixture.chat, "export").isEmpty)
        _ = try await fixture.connect("alice")
        #expect(try await self.admin(fixture.chat, "erase").hasPrefix("-"))
    }

    @Test(
        "What is asked for wrongly is refused with words, and changes nothing",
        arguments: [
            ["ban"], ["ban", "two words"], ["role", "alice"], ["role", "alice", "king"], ["role", "alice", "admin"],
            ["topic", "no room!"], ["forget", "nowhere"], ["backup", "relative.db"], ["announce"],
            ["ban-address", "here"],
            ["unban-address", "10.0.0.1"], ["dance"], ["revoke"], ["release"],
        ]
    )
    func refused(_ words: [String]) async throws {
        let fixture = try await ChatFixture()
        var ends: [Int32] = [0, 0]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        defer { close(ends[1]) }
        let output = AdminOutput(ends[0])
        let request = AdminRequest(command: words[0], arguments: Array(words.dropFirst()), options: [:])
        await AdminActions(chat: fixture.chat).answer(request, output)
        output.end()
        let line = try #require(UnixSocket.readLine(ends[1], limit: 4_096))
        #expect(line.first == UInt8(ascii: "-") && line.count > 5)
        #expect(UnixSocket.readLine(ends[1], limit: 4_096) == nil)
        #expect(fixture.chat.sanctions.users.isEmpty)
    }
}
