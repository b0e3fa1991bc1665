@testable import pond_tui

/// Models as they are after an hour of chatting, for screens and reducer tests.
enum Fixture {
    /// 18 November 2025, 12:00:00, at Greenwich.
    static let noon = WallTime(milliseconds: 1_763_467_200_000)

    static func at(_ hour: Int, _ minute: Int, _ second: Int = 0, day: Int = 18) -> WallTime {
        Self.noon + Int64((day - 18) * 86_400 + (hour - 12) * 3_600 + minute * 60 + second) * 1_000
    }

    static func message(
        _ author: String,
        _ text: String,
        at time: WallTime,
        id: String? = nil,
        kind: ChatMessage.Kind = .text,
        replyTo: String? = nil
    ) -> ChatMessage {
        ChatMessage(
            id: id ?? "\(author)-\(time.milliseconds)-\(text.count)",
            author: author,
            text: text,
            time: time,
            kind: kind,
            replyTo: replyTo
        )
    }

    static func empty(_ columns: Int = 80, _ rows: Int = 24) -> Model {
        Model(
            size: Size(columns: columns, rows: rows),
            nick: "alice",
            url: "ws://chat:4000/socket",
            now: Self.at(7, 0),
            idSeed: "seed"
        )
    }

    /// The model after these events, all at one time.
    static func model(_ events: [Event], from model: Model = Self.empty(), at now: WallTime = Self.noon) -> Model {
        var model = model
        for event in events { _ = Update.apply(event, to: &model, at: now) }
        return model
    }

    /// Connected and in one room, `#general`.
    static func joined(_ columns: Int = 80, _ rows: Int = 24) -> Model {
        Self.model(
            [
                .session(.connection(.init(state: .connecting, attempt: 1))),
                .session(.connection(.init(state: .connected, attempt: 1))),
                .session(.channel(room: "general", .joined, reason: nil)),
                .session(.people(room: "general", [Person(name: "alice"), Person(name: "bob")])),
                .session(.history(room: "general", [], isComplete: true)),
            ],
            from: Self.empty(columns, rows)
        )
    }

    /// The connection is lost, two messages wait.
    static func stalled(_ columns: Int, _ rows: Int) -> Model {
        var model = Self.empty(columns, rows)
        func apply(_ event: SessionEvent, _ time: WallTime) { _ = Update.apply(.session(event), to: &model, at: time) }
        let start = Self.at(9, 50)
        apply(.connection(.init(state: .connecting, attempt: 1)), start)
        apply(.connection(.init(state: .connected, attempt: 1)), start)
        for room in ["general", "ops", "dev"] {
            apply(.channel(room: room, .joining, reason: nil), start)
            apply(.channel(room: room, .joined, reason: nil), start)
            apply(.history(room: room, [], isComplete: true), start)
        }
        apply(.channel(room: "admin", .declined, reason: "403 not an admin"), start)
        apply(.channel(room: "random", .idle, reason: nil), start)
        apply(.topic(room: "general", text: "release friday, freeze is thursday noon", by: nil), start)
        apply(
            .people(
                room: "general",
                [
                    Person(name: "alice"), Person(name: "bob"), Person(name: "carol", status: .away),
                    Person(name: "dave", status: .busy),
                ]
            ),
            Self.at(12, 41, 58)
        )
        let said: [(String, String, Int, Int)] = [
            ("bob", "morning all", 9, 58),
            ("carol", "build 412 is green, artefacts are up: https://ci.example/412", 10, 2),
            ("alice", "thanks! @bob can you tag it?", 12, 40),
        ]
        for (author, text, hour, minute) in said {
            apply(
                .message(room: "general", Self.message(author, text, at: Self.at(hour, minute))),
                Self.at(hour, minute)
            )
        }
        apply(
            .message(room: "general", Self.message("bob", "ships it", at: Self.at(10, 3), kind: .action)),
            Self.at(12, 40)
        )
        _ = Update.apply(.focus(false), to: &model, at: Self.at(12, 40, 30))
        apply(.message(room: "general", Self.message("bob", "tagged v1.4.0", at: Self.at(12, 41))), Self.at(12, 41))
        apply(
            .message(room: "general", Self.message("dave", "nice. @alice lunch?", at: Self.at(12, 41, 30))),
            Self.at(12, 41, 30)
        )
        for index in 0..<14 {
            let time = Self.at(12, 41, 30 + index)
            let text = index == 3 ? "alice: the pager is yours" : "line \(index)"
            apply(.message(room: "ops", Self.message("mallory", text, at: time)), time)
        }
        for index in 0..<3 {
            let time = Self.at(12, 41, 45 + index)
            apply(.message(room: "dev", Self.message("erin", "commit \(index)", at: time)), time)
        }
        _ = Update.apply(.focus(true), to: &model, at: Self.at(12, 41, 50))
        apply(.people(room: "general", Array(model.rooms[0].people)), Self.at(12, 41, 58))
        let lost = Self.at(12, 42, 7)
        let change = SessionEvent.ConnectionChange(
            state: .disconnected,
            attempt: 4,
            retryAfterMilliseconds: 7_000,
            reason: "socket closed, code 1006"
        )
        apply(.connection(change), lost)
        for room in ["general", "ops", "dev"] { apply(.channel(room: room, .stalled, reason: nil), lost) }
        for text in ["yes, 5 min", "meet at the lift"] { _ = Update.apply(.line(text), to: &model, at: lost) }
        // What was typed by hand would have moved the marker.
        model.rooms[0].marker =
            model.rooms[0].timeline.items.first { $0.message?.text.hasPrefix("thanks") == true }?.key
        for character in "on my way" { _ = Update.apply(.key(Key(.character(character))), to: &model, at: lost) }
        return model
    }

    /// Just after a reconnect, with a completion open.
    static func recovered(_ columns: Int, _ rows: Int) -> Model {
        var model = Self.empty(columns, rows)
        func apply(_ event: SessionEvent, _ time: WallTime) { _ = Update.apply(.session(event), to: &model, at: time) }
        let start = Self.at(8, 0)
        apply(.connection(.init(state: .connecting, attempt: 1)), start)
        apply(.connection(.init(state: .connected, attempt: 1)), start)
        for room in ["general", "ops", "dev"] { apply(.channel(room: room, .joined, reason: nil), start) }
        apply(.channel(room: "design", .joining, reason: nil), start)
        apply(.channel(room: "admin", .declined, reason: "403 not an admin"), start)
        apply(.channel(room: "random", .idle, reason: nil), start)
        apply(.channel(room: "old", .closed, reason: nil), start)
        for room in ["general", "ops", "dev"] { apply(.history(room: room, [], isComplete: true), start) }
        apply(.topic(room: "ops", text: "on-call rota, runbook at https://run.example", by: nil), start)
        var people = ["alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi"].map { Person(name: $0) }
        people.append(Person(name: "mallory", role: "admin"))
        people += [Person(name: "ivan", status: .away), Person(name: "judy", status: .away, note: "lunch")]
        apply(.people(room: "ops", people), start)
        _ = Update.apply(.line("/switch ops"), to: &model, at: start)
        let yesterday: [(String, String, Int, Int)] = [
            ("mallory", "disk alert on db-3, acked", 22, 10), ("bob", "looking", 22, 14),
            ("bob", "fixed: log rotation. post-mortem tomorrow", 22, 31),
        ]
        for (author, text, hour, minute) in yesterday {
            let time = Self.at(hour, minute, day: 17)
            apply(.message(room: "ops", Self.message(author, text, at: time)), start)
        }
        apply(
            .message(
                room: "ops",
                Self.message(
                    "mallory",
                    "morning. two things:\n1. freeze starts thursday noon\n2. new rota is in the topic",
                    at: Self.at(8, 59)
                )
            ),
            Self.at(8, 59)
        )
        for name in ["kim", "leo", "mia", "ned"] {
            apply(.personJoined(room: "ops", Person(name: name)), Self.at(9, 21))
        }
        for name in ["leo", "ned"] { apply(.personLeft(room: "ops", name: name), Self.at(11, 58)) }
        let today: [(String, String, Int, Int)] = [
            ("bob", "@alice can you review the rollback script before two?", 12, 2),
            ("alice", "yes, doing it now", 12, 3),
            ("bob", "adding pond-server to 14:10 漢字 👍🏽", 12, 41), ("dave", "here, was in a tunnel", 12, 42),
        ]
        for (author, text, hour, minute) in today {
            let time = Self.at(hour, minute)
            apply(.message(room: "ops", Self.message(author, text, at: time, id: author + String(minute))), time)
        }
        apply(
            .message(room: "ops", Self.message("carol", "on it", at: Self.at(12, 42, 2), replyTo: "bob2")),
            Self.at(12, 42, 2)
        )
        let lost = Self.at(12, 42, 7)
        let change = SessionEvent.ConnectionChange(
            state: .disconnected,
            attempt: 1,
            retryAfterMilliseconds: 1_000,
            reason: "ping timeout"
        )
        apply(.connection(change), lost)
        apply(.channel(room: "ops", .stalled, reason: nil), lost)
        apply(.connection(.init(state: .connecting, attempt: 1)), Self.at(12, 42, 8))
        apply(.connection(.init(state: .disconnected, attempt: 2, reason: "refused")), Self.at(12, 42, 11))
        apply(.connection(.init(state: .connecting, attempt: 2)), Self.at(12, 42, 13))
        apply(.connection(.init(state: .connected, attempt: 2)), Self.at(12, 42, 19))
        apply(.lag(milliseconds: 24), Self.at(12, 42, 19))
        apply(.channel(room: "ops", .joined, reason: nil), Self.at(12, 42, 19))
        apply(.message(room: "general", Self.message("erin", "hello", at: Self.at(12, 42, 30))), Self.at(12, 42, 30))
        apply(.message(room: "general", Self.message("erin", "anyone?", at: Self.at(12, 42, 31))), Self.at(12, 42, 31))
        let late = Self.at(12, 43, 0)
        _ = Update.apply(.line("rollback script reviewed, two comments"), to: &model, at: late)
        _ = Update.apply(.line("and here is the diff"), to: &model, at: late)
        if let id = model.outbox.entries.last?.id {
            apply(.refused(id: id, reason: "429 rate limit", retryAfterMilliseconds: nil), late)
        }
        apply(.typing(room: "ops", name: "bob"), Self.at(12, 43, 1))
        _ = Update.apply(.tick, to: &model, at: Self.at(12, 43, 2))
        for character in "slots look good. @ma" {
            _ = Update.apply(.key(Key(.character(character))), to: &model, at: Self.at(12, 43, 2))
        }
        apply(.personJoined(room: "ops", Person(name: "mark", status: .away)), Self.at(12, 43, 2))
        _ = Update.apply(.key(Key(.tab)), to: &model, at: Self.at(12, 43, 2))
        return model
    }
}
