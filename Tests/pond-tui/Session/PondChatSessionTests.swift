import PondKit
import Testing

@testable import pond_tui

/// The session and the model together, against a server in this process.
@Suite struct PondChatSessionTests {
    /// A person at the program: the model, its session, and the events between them.
    private final class Chatter: Sendable {
        let queue = EventQueue()
        let session: PondChatSession
        let model: Lock<Model>

        init(_ nick: String, _ connector: InProcessConnector) {
            let loop = EventLoop(name: nick)
            loop.start()
            let queue = self.queue
            self.session = PondChatSession(
                url: "ws://demo/socket",
                nick: nick,
                token: nil,
                loop: loop,
                options: {
                    var options = PondClientOptions()
                    options.connector = connector
                    return options
                },
                emit: { queue.post(.session($0)) }
            )
            var model = Fixture.empty()
            model.nick = nick
            model.idSeed = nick
            self.model = Lock(model)
            self.session.perform(.connect(url: nil))
        }

        func apply(_ event: Event) {
            let effects = self.model.withLock { Update.apply(event, to: &$0, at: $0.now + 1) }
            for case .session(let request) in effects { self.session.perform(request) }
        }

        /// Takes events until something holds; the wait ends the test when it never does.
        func wait(_ what: String, until holds: (Model) -> Bool) {
            for _ in 0..<2_000 {
                if self.model.withLock({ holds($0) }) { return }
                self.queue.wait(milliseconds: 5)
                let events = self.queue.take()
                for event in events { self.apply(event) }
                // Nothing came: what the model itself waits for, such as asking for a page again, comes next.
                if events.isEmpty { self.passTime() }
            }
            Issue.record(
                "never: \(what); \(self.model.withLock { Renderer.render($0, $0.size).lines.joined(separator: "\n") })"
            )
        }

        private func passTime() {
            guard let next = self.model.withLock({ $0.nextTick }) else { return }
            let effects = self.model.withLock { Update.apply(.tick, to: &$0, at: next) }
            for case .session(let request) in effects { self.session.perform(request) }
        }

        func say(_ text: String) { self.apply(.line(text)) }
    }

    private static func texts(_ model: Model) -> [String] {
        (model.current?.timeline.items ?? []).compactMap { $0.isPending ? nil : $0.message?.text }
    }

    @Test func twoPeopleTalkSeeEachOtherAndLoseNothingInAnOutage() throws {
        let server = try DemoServer(now: { Fixture.noon })
        let connector = InProcessConnector(server.pond)
        let alice = Chatter("alice", connector)
        let bob = Chatter("bob", InProcessConnector(server.pond))
        alice.say("/join #lobby")
        bob.say("/join lobby")
        alice.wait("both are here") { Set($0.current?.people.map(\.name) ?? []) == ["alice", "bob"] }
        bob.wait("both are here") { Set($0.current?.people.map(\.name) ?? []) == ["alice", "bob"] }
        #expect(alice.model.withLock { $0.current?.topic }?.isEmpty == false)

        alice.say("hello")
        bob.wait("bob hears") { Self.texts($0) == ["hello"] }
        alice.wait("alice's word is confirmed") { Self.texts($0) == ["hello"] && $0.outbox.entries.isEmpty }

        connector.isReachable = false
        connector.cut()
        alice.wait("the room is stalled") { $0.current?.state == .stalled && $0.connection.state == .disconnected }
        for number in 1...120 { alice.say("offline \(number)") }
        bob.say("meanwhile")
        bob.wait("bob's word is confirmed") { $0.outbox.entries.isEmpty }
        connector.isReachable = true
        alice.say("/reconnect")
        let offline = (1...120).map { "offline \($0)" }
        alice.wait("everything is sent") { $0.outbox.entries.isEmpty && Self.texts($0).contains("meanwhile") }
        bob.wait("bob has everything, once and in order") {
            Self.texts($0).filter { $0.hasPrefix("offline") } == offline
        }
        #expect(alice.model.withLock { Self.texts($0).filter { $0.hasPrefix("offline") } } == offline)
        #expect(alice.model.withLock { Self.texts($0).count { $0 == "meanwhile" } } == 1)
        alice.session.close()
        bob.session.close()
    }

    @Test func aConnectionBrokenOnPurposeComesBackAndLosesNothing() throws {
        let server = try DemoServer(now: { Fixture.noon })
        let alice = Chatter("alice", InProcessConnector(server.pond))
        let bob = Chatter("bob", InProcessConnector(server.pond))
        alice.say("/join #lobby")
        bob.say("/join #lobby")
        alice.wait("alice is in") { $0.current?.state == .joined }
        bob.wait("bob is in") { $0.current?.state == .joined }

        alice.say("/fault cut")
        alice.wait("cut") { $0.connection.state == .disconnected && $0.current?.state == .stalled }
        alice.say("said while cut")
        alice.say("/fault heal")
        alice.say("/reconnect")
        alice.wait("sent") { $0.outbox.entries.isEmpty && $0.connection.state == .connected }

        alice.say("/fault freeze")
        alice.say("said while frozen")
        bob.say("said to a frozen one")
        bob.wait("bob's own is confirmed") { $0.outbox.entries.isEmpty }
        #expect(bob.model.withLock { Self.texts($0) } == ["said while cut", "said to a frozen one"])
        #expect(alice.model.withLock { Self.texts($0) } == ["said while cut"])
        alice.say("/fault heal")
        alice.wait("all came") { $0.outbox.entries.isEmpty && Self.texts($0).count == 3 }
        bob.wait("bob has all") { Self.texts($0).count == 3 }
        let all = ["said while cut", "said to a frozen one", "said while frozen"]
        #expect(bob.model.withLock { Self.texts($0) } == all)
        #expect(alice.model.withLock { Self.texts($0) } == all)
        alice.session.close()
        bob.session.close()
    }

    @Test func whatARoomRefusesIsTold() throws {
        let server = try DemoServer(now: { Fixture.noon })
        let alice = Chatter("alice", InProcessConnector(server.pond))
        alice.say("/join .x")
        #expect(alice.model.withLock { $0.rooms.map(\.name) } == [".x"])
        alice.wait("refused") { $0.current?.state == .declined && $0.current?.stateReason != nil }
        alice.say("kept")
        #expect(alice.model.withLock { $0.outbox.entries.map(\.text) } == ["kept"])
        alice.session.close()
    }

    @Test func editsTopicsAndStatusReachOthers() throws {
        let server = try DemoServer(now: { Fixture.noon })
        let alice = Chatter("alice", InProcessConnector(server.pond))
        let bob = Chatter("bob", InProcessConnector(server.pond))
        alice.say("/join #lobby")
        bob.say("/join #lobby")
        bob.wait("alice is here") { $0.current?.people.contains { $0.name == "alice" } == true }
        alice.wait("joined") { $0.current?.state == .joined }
        alice.say("helo")
        alice.wait("confirmed") { $0.outbox.entries.isEmpty }
        alice.say("/edit hello")
        bob.wait("edited") { Self.texts($0) == ["hello"] }
        alice.say("/topic all about ponds")
        bob.wait("topic") { $0.current?.topic == "all about ponds" }
        alice.say("/away lunch")
        bob.wait("away") {
            $0.current?.people.contains { $0.name == "alice" && $0.status == .away && $0.note == "lunch" } == true
        }
        alice.session.close()
        bob.session.close()
    }

    @Test func aNewNameIsANewConnectionThatMissesNothing() throws {
        let server = try DemoServer(now: { Fixture.noon })
        let alice = Chatter("alice", InProcessConnector(server.pond))
        let bob = Chatter("bob", InProcessConnector(server.pond))
        alice.say("/join #lobby")
        bob.say("/join #lobby")
        alice.wait("both are here") { Set($0.current?.people.map(\.name) ?? []) == ["alice", "bob"] }
        bob.wait("joined") { $0.current?.state == .joined }
        bob.say("before")
        alice.wait("heard") { Self.texts($0) == ["before"] }
        alice.say("/nick alicia")
        for number in 1...20 { bob.say("during \(number)") }
        bob.wait("all is confirmed") { $0.outbox.entries.isEmpty }
        alice.wait("nothing is missed or doubled") {
            Self.texts($0).sorted() == (["before"] + (1...20).map { "during \($0)" }).sorted()
        }
        bob.wait("the new name is here") {
            Set($0.current?.people.map(\.name) ?? []) == ["alicia", "bob"]
        }
        alice.say("it is me")
        bob.wait("under the new name") { $0.current?.timeline.newestMessage?.author == "alicia" }
        alice.session.close()
        bob.session.close()
    }
}
