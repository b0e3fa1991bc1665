/// One step of a demonstration: after a pause, something happens.
struct DemoStep: Sendable {
    var pause: Duration
    var act: Act

    /// What can happen.
    enum Act: Sendable {
        case caption(DemoCaption?)
        case enter(String)
        case leave(String)
        case type(String)
        case say(String, String)
        /// Somebody says something in another room than the first.
        case sayIn(String, room: String, String)
        case act(String, String)
        case away(String, String)
        /// The user writes.
        case user(String)
        case press(Key)
        /// The user's connection breaks, and new ones fail.
        case cut
        case mend
    }

    init(_ seconds: Double, _ act: Act) {
        self.pause = .milliseconds(Int64(seconds * 1_000))
        self.act = act
    }

    private static func caption(_ pause: Double, _ text: String, _ place: DemoCaption.Place) -> DemoStep {
        DemoStep(pause, .caption(DemoCaption(text: text, place: place)))
    }

    /// Presence, a mention in another room, a lost connection, the countdown, rejoin, recovery and flush, with a line of
    /// explanation each. `NICK` stands for the user's name.
    static let tour: [DemoStep] = [
        Self.caption(
            0.3,
            "1/9 A server in this process. The top row shows the connection, the next one the room.",
            .header
        ),
        Self.caption(3.5, "2/9 bob, carol and dave come in.", .people),
        DemoStep(0.5, .enter("bob")), DemoStep(0.6, .enter("carol")), DemoStep(0.6, .enter("dave")),
        DemoStep(1.0, .type("bob")), DemoStep(1.5, .say("bob", "morning all")),
        DemoStep(0.7, .type("carol")),
        DemoStep(1.5, .say("carol", "build 412 is green, artefacts are up: https://ci.example/412")),
        DemoStep(0.8, .act("bob", "ships it")), DemoStep(0.8, .away("dave", "lunch")),
        Self.caption(
            2.0,
            "3/9 Your own words: a sign while they are on their way, nothing once the server has them.",
            .prompt
        ),
        DemoStep(1.0, .user("thanks! @bob can you tag it?")), DemoStep(1.5, .type("bob")),
        Self.caption(
            1.5,
            "4/9 You go to #dev. In #lobby somebody speaks to you: @1 in the list. Alt-A goes there.",
            .rooms
        ),
        DemoStep(0.5, .user("/join #dev")), DemoStep(0.8, .sayIn("carol", room: "dev", "the freeze is thursday noon")),
        DemoStep(1.2, .say("bob", "NICK: tag it as 1.4.0?")),
        DemoStep(3.0, .press(Key(.character("a"), .alt))),
        Self.caption(
            2.0,
            "5/9 The connection breaks. F6 shows both state machines, and the wait for the next try.",
            .prompt
        ),
        DemoStep(0.5, .press(Key(.function(6)))), DemoStep(0.1, .press(Key(.tab))), DemoStep(1.0, .cut),
        Self.caption(4.0, "6/9 Offline you write on: what waits is marked, and kept on disk.", .prompt),
        DemoStep(1.0, .user("yes, 5 min")), DemoStep(0.8, .user("meet at the lift")),
        DemoStep(1.0, .say("bob", "tagged v1.4.0")), DemoStep(0.4, .say("carol", "anyone for lunch?")),
        Self.caption(4.0, "7/9 The server is back: at the end of the countdown, or at once with F5.", .header),
        DemoStep(0.1, .mend),
        DemoStep(2.5, .press(Key(.function(5)))),
        Self.caption(2.0, "8/9 JOINED: what was missed has come, what waited was sent, each once.", .prompt),
        DemoStep(3.0, .say("carol", "welcome back :)")), DemoStep(0.5, .leave("dave")),
        Self.caption(
            4.0,
            "9/9 That was all: in F6 the keys c, z and h break and heal; F1 has all keys; q quits.",
            .prompt
        ),
        DemoStep(12.0, .caption(nil)),
    ]
}
