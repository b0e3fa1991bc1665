internal import PondKit

/// `/chat/:room_id`: everything a channel can do, each under an event of its own.
enum ChatLobby {
    struct Crash: Error {}

    static func add(to endpoint: Endpoint) throws {
        let chat = try endpoint.createChannel("/chat/:room_id") { context in
            context.accept()
            try context.track(["username": context.assigns["username"] ?? nil, "status": "online"])
        }
        try Self.addBroadcasts(chat)
        try Self.addQuestions(chat)
        try Self.addChanges(chat)
        try chat.onMessage("crash") { _ in throw Crash() }
        try chat.onMessage("silent") { _ in }
        if Environment.value("POND_LEAVE_BCAST") == "1" {
            chat.onLeave { context in
                let reason = context.reason.rawValue
                context.broadcast("user_left", ["userId": .string(context.user.id), "reason": .string(reason)])
            }
        }
    }

    private static func addBroadcasts(_ chat: Lobby) throws {
        try chat.onMessage("message") { $0.broadcast("message", Self.signed($0)) }
        try chat.onMessage("others") { $0.broadcastFrom("others", Self.signed($0)) }
        try chat.onMessage("whisper") { context in
            let to = context.payload["to"] ?? nil
            let ids = to.array?.compactMap(\.string) ?? [to.string].compactMap { $0 }
            context.broadcastTo(ids, "whisper", Self.signed(context))
        }
    }

    private static func addQuestions(_ chat: Lobby) throws {
        try chat.onMessage("ping") { $0.reply("pong", $0.payload) }
        try chat.onMessage("whoami") { context in
            context.reply("whoami", ["userId": .string(context.user.id), "assigns": .object(context.assigns)])
        }
        try chat.onMessage("getuser") { context in
            let user = context.getUser(Self.subject(context))
            context.reply("user", user.map(Self.shown) ?? ["id": nil])
        }
        try chat.onMessage("state") { context in
            context.reply(
                "state",
                ["presence": Self.object(context.allPresence), "assigns": Self.object(context.allAssigns)]
            )
        }
    }

    private static func addChanges(_ chat: Lobby) throws {
        try chat.onMessage("status") { context in
            try context.updatePresence([
                "username": context.assigns["username"] ?? nil, "status": context.payload["status"] ?? nil,
            ])
        }
        try chat.onMessage("assign") { context in
            context.assign(context.payload.json.object ?? [:])
            context.reply("assigned", context.payload)
        }
        try chat.onMessage("untrack") { try $0.untrack() }
        try chat.onMessage("kick") { context in
            context.evict(Self.subject(context), reason: context.payload["reason"]?.string ?? "kicked")
        }
        try chat.onMessage("remove") { $0.evict(Self.subject($0), reason: "removed") }
    }

    /// The user that an event is about.
    private static func subject(_ context: EventContext) -> String {
        (context.payload["userId"] ?? context.payload["id"])?.string ?? ""
    }

    private static func signed(_ context: EventContext) -> Payload {
        var payload = context.payload.json.object ?? [:]
        payload["to"] = nil
        payload["from"] = context.assigns["username"]
        return Payload(payload)
    }

    private static func shown(_ user: User) -> Payload {
        [
            "id": .string(user.id), "assigns": .object(user.assigns),
            "presence": user.presence.map(JSON.object) ?? .null,
        ]
    }

    private static func object(_ members: [String: JSONObject]) -> JSON {
        .object(JSONObject(members.sorted { $0.key < $1.key }.map { ($0.key, JSON.object($0.value)) }))
    }
}
