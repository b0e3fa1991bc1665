/// One step of a demonstration: after a pause, something happens.
struct DemoStep: Sendable {
    var pause: Duration
    var act: Act

    /// What can happen.
    enum Act: Sendable {
        case caption(String?)
        case enter(String)
        case leave(String)
        case type(String)
        case say(String, String)
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

    /// Presence, a lost connection, the countdown, rejoin, recovery and flush, with a line of explanation each.
    static let tour: [DemoStep] = [
        DemoStep(0.3, .caption("1/8 a server in this process; row 1 shows its connection, row 2 the room")),
        DemoStep(0.2, .press(Key(.function(6)))),
        DemoStep(2.5, .caption("2/8 bob, carol and dave come in: watch HERE")),
        DemoStep(0.5, .enter("bob")), DemoStep(0.6, .enter("carol")), DemoStep(0.6, .enter("dave")),
        DemoStep(1.0, .type("bob")), DemoStep(1.5, .say("bob", "morning all")),
        DemoStep(0.7, .type("carol")),
        DemoStep(1.5, .say("carol", "build 412 is green, artefacts are up: https://ci.example/412")),
        DemoStep(0.8, .act("bob", "ships it")), DemoStep(0.8, .away("dave", "lunch")),
        DemoStep(2.0, .caption("3/8 your own words: > on their way, nothing once the server has them")),
        DemoStep(1.0, .user("thanks! @bob can you tag it?")), DemoStep(1.5, .type("bob")),
        DemoStep(1.5, .caption("4/8 the connection breaks: a countdown, the room STALLED, people * stale")),
        DemoStep(0.3, .cut),
        DemoStep(3.0, .caption("5/8 offline one types on: what waits is o queued, q2 beside the room")),
        DemoStep(1.0, .user("yes, 5 min")), DemoStep(0.8, .user("meet at the lift")),
        DemoStep(1.0, .say("bob", "tagged v1.4.0")), DemoStep(0.4, .say("carol", "anyone for lunch?")),
        DemoStep(4.0, .caption("6/8 the server is back: at the end of the countdown, or at once with F5")),
        DemoStep(0.1, .mend),
        DemoStep(2.5, .press(Key(.function(5)))),
        DemoStep(2.0, .caption("7/8 JOINED: what was missed has come, what waited was sent, each once")),
        DemoStep(3.0, .say("carol", "welcome back :)")), DemoStep(0.5, .leave("dave")),
        DemoStep(4.0, .caption("8/8 that was all: F6 both machines, F1 keys, Ctrl-C twice ends")),
        DemoStep(12.0, .caption(nil)),
    ]
}
