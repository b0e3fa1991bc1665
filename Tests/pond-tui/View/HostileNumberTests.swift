import PondChat
import PondKit
import Testing

@testable import pond_tui

/// Numbers that a server may send: whatever they are, nothing traps and the screen is drawn.
@Suite struct HostileNumberTests {
    private static let integers = ["-9223372036854775808", "-1", "0", "1", "9223372036854775807"]
    private static let others = ["1e300", "-1e300", "1.5", "18446744073709551615", "null", "\"7\""]

    /// Every number of an event of the chat, `#` where it goes.
    private static let payloads: [(event: String, json: String)] = [
        ("message", #"{"id":"m","sender":"bob","at":#,"kind":"text","text":"hi"}"#),
        ("message", #"{"id":"n","sender":"bob","at":1,"kind":"text","text":"hi","editedAt":#,"removedAt":#}"#),
        ("edit", #"{"id":"m","text":"x","at":#}"#),
        ("remove", #"{"id":"m","by":"bob","at":#}"#),
        ("topic", #"{"topic":"t","by":"bob","at":#}"#),
        ("moderated", #"{"action":"mute","by":"bob","at":#,"user":"eve","until":1}"#),
        ("moderated", #"{"action":"mute","by":"bob","at":0,"user":"eve","until":#}"#),
        ("moderated", #"{"action":"mute","by":"bob","at":-9223372036854775808,"user":"eve","until":#}"#),
        ("moderated", #"{"action":"slow","by":"bob","at":0,"seconds":#}"#),
        ("read", #"{"unread":#,"mentions":0}"#),
        ("read", #"{"unread":1,"mentions":#,"upTo":"m"}"#),
        (
            "welcome",
            #"{"name":"alice","role":"user","topic":"t","slowSeconds":#,"read":{"unread":#,"mentions":#,"upTo":"z"}}"#
        ),
        (
            "history",
            #"{"messages":[{"id":"h","sender":"bob","at":#,"kind":"text","text":"x"}],"hasOlder":false,"hasNewer":false}"#
        ),
    ]

    /// A room of a session whose events go into a model.
    private final class Receiver {
        let model: Lock<Model>
        let session: PondChatSession
        let room: RoomChannel

        init() throws {
            let loop = EventLoop(name: "numbers")
            let model = Lock(Fixture.joined(120, 40))
            self.model = model
            self.session = PondChatSession(
                url: "ws://numbers.example/socket",
                nick: "alice",
                token: nil,
                loop: loop,
                options: { PondClientOptions() },
                emit: { event in model.withLock { _ = Update.apply(.session(event), to: &$0, at: $0.now + 1) } }
            )
            let client = try PondClient("ws://numbers.example/socket")
            self.room = RoomChannel(
                room: "general",
                channel: client.createChannel("/lobby/general"),
                session: self.session,
                isAgain: false
            )
        }
    }

    @Test func noNumberInAnEventTraps() throws {
        let receiver = try Receiver()
        for (event, template) in Self.payloads {
            for number in Self.integers + Self.others {
                let json = template.split(separator: "#", omittingEmptySubsequences: false).joined(separator: number)
                // A number that is none of JSON's does not get as far as this.
                guard let value = try? JSON(parsing: Array(json.utf8)) else { continue }
                receiver.room.received(
                    ServerMessage(
                        action: .broadcast,
                        event: event,
                        channelName: "/lobby/general",
                        requestId: "r",
                        payload: Payload(value)
                    )
                )
                // What is counted goes on from there.
                receiver.model.withLock { model in
                    _ = Update.apply(.focus(false), to: &model, at: model.now)
                    let id = "\(event)\(number)\(model.now.milliseconds)"
                    let message = Fixture.message("bob", "alice: hello", at: model.now, id: id)
                    _ = Update.apply(.session(.message(room: "general", message)), to: &model, at: model.now)
                    #expect(Renderer.render(model, model.size).cells.count == 120 * 40)
                    _ = Renderer.title(model)
                }
            }
        }
    }

    @Test func noTimeOrWaitOfAServerTraps() {
        let extremes: [Int64] = [.min, .min + 1, -1, 0, 1, 60_000, PeerNumber.longest, .max - 999, .max]
        for number in extremes {
            var model = Fixture.joined(140, 40)
            func session(_ event: SessionEvent) {
                _ = Update.apply(.session(event), to: &model, at: model.now)
                #expect(Renderer.render(model, model.size).cells.count == 140 * 40, "\(number)")
            }
            let time = WallTime(milliseconds: number)
            session(.personJoined(room: "general", Person(name: "eve", status: .away, since: time)))
            session(.message(room: "general", Fixture.message("bob", "x", at: time, id: "m\(number)")))
            session(.whois(KnownPerson(name: "eve", isClaimed: false, devices: .max, rooms: [], lastSeen: time)))
            _ = Update.apply(.dismiss, to: &model, at: model.now)
            session(.historyFailed(room: "general", reason: "x", retryAfterMilliseconds: number))
            session(.recovered(room: "general", count: Int(clamping: number)))
            session(.lag(milliseconds: Int(clamping: number)))
            _ = Update.apply(.line("hello"), to: &model, at: model.now)
            if let id = model.outbox.entries.last?.id {
                session(.refused(id: id, reason: "429", retryAfterMilliseconds: number))
            }
            session(.connection(.init(state: .disconnected, attempt: .max, retryAfterMilliseconds: number)))
            _ = Update.apply(.line("/state -v"), to: &model, at: model.now)
            _ = Update.apply(.line("/last 5"), to: &model, at: model.now)
            _ = model.nextTick
            #expect(CivilTime(time, secondsEast: 50_400).month <= 12)
        }
    }

    @Test func whatAServerNamesIsBounded() {
        var model = Fixture.joined()
        for number in 0..<(People.capacity + 500) {
            let event = SessionEvent.personJoined(room: "general", Person(name: "user\(number)"))
            _ = Update.apply(.session(event), to: &model, at: model.now)
        }
        #expect(model.rooms[0].people.count == People.capacity)
        #expect(model.rooms[0].timeline.items.count <= Timeline.capacity * 11 / 10)
        let long = String(repeating: "a", count: 16_000)
        for number in 0..<2_000 {
            let message = Fixture.message("bob", long, at: model.now + Int64(number), id: "long\(number)")
            _ = Update.apply(.session(.message(room: "general", message)), to: &model, at: model.now)
        }
        let bytes = model.rooms[0].timeline.items.reduce(0) { $0 + ($1.message?.text.utf8.count ?? 0) }
        #expect(bytes <= Timeline.textCapacity * 11 / 10)
        #expect(model.rooms[0].timeline.items.last?.message?.id == "long1999")
        let links = String(repeating: "https://a.example/x ", count: 1_000)
        #expect(NumberedLink.find(in: links).count == 50)
    }

    @Test func aThreadThatPostsFasterThanIsTakenWaits() async {
        let queue = EventQueue(capacity: 10)
        let posted = Lock(0)
        let poster = Task.detached {
            for number in 0..<100 {
                queue.post(.session(.lag(milliseconds: number)), waitsForRoom: true)
                posted.withLock { $0 += 1 }
            }
        }
        var taken: [Event] = []
        while taken.count < 100 {
            queue.wait(milliseconds: 1_000)
            let some = queue.take()
            #expect(some.count <= 10)
            taken += some
        }
        #expect(taken == (0..<100).map { .session(.lag(milliseconds: $0)) })
        await poster.value
        // Who takes and posts on one thread never waits, and a stopped queue holds nobody up.
        for _ in 0..<50 { queue.post(.tick) }
        queue.stop()
        queue.post(.tick, waitsForRoom: true)
        #expect(queue.take().count == 50)
    }
}
