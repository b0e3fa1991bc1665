import PondKit
import PondTesting

/// The application that the reference servers' traces were recorded with.
enum TracedApplication {
    static func make(_ configure: (inout PondOptions) -> Void = { _ in }) throws -> PondSocket {
        var options = PondOptions()
        options.limits.sessionGrace = .zero
        options.log = SilentLog()
        configure(&options)
        let pond = PondSocket(options: options.onTestCarrier)
        let endpoint = try pond.createEndpoint("/socket") { context in try Self.connect(context) }
        try Self.addChat(endpoint)
        _ = try endpoint.createChannel("/private/:id") { $0.decline(403, "Private channel") }
        _ = try endpoint.createChannel("/noreply/:id") { _ in }
        _ = try endpoint.createChannel("/crash/:id") { _ in throw Crash() }
        let bench = try endpoint.createChannel("/bench/:id") { $0.accept() }
        try bench.onMessage("message") { $0.broadcast("message", $0.payload) }
        try bench.onMessage("echo") { $0.reply("echo", $0.payload) }
        return pond
    }

    struct Crash: Error {}

    private static func connect(_ context: ConnectionContext) throws {
        switch context.query["token"]?.first {
        case "bad": return context.decline(401, "Invalid token")
        case "forbidden": return context.decline(403, "Forbidden user")
        case "none": return
        case "crash": throw Crash()
        default: break
        }
        context.accept(assigns: ["username": .string(context.query["username"]?.first ?? "anonymous")])
        if let hello = context.query["hello"]?.first { context.reply("welcome", ["hello": .string(hello)]) }
    }

    private static func addChat(_ endpoint: Endpoint) throws {
        let chat = try endpoint.createChannel("/chat/:room_id") { context in
            context.accept()
            try context.track(["username": context.assigns["username"] ?? nil, "status": "online"])
        }
        try chat.onMessage("message") { $0.broadcast("message", Self.signed($0)) }
        try chat.onMessage("others") { $0.broadcastFrom("others", Self.signed($0)) }
        try chat.onMessage("whisper") { context in
            let to = context.payload["to"] ?? nil
            let ids = to.array?.compactMap(\.string) ?? [to.string].compactMap { $0 }
            context.broadcastTo(ids, "whisper", Self.signed(context))
        }
        try chat.onMessage("status") { context in
            try context.updatePresence([
                "username": context.assigns["username"] ?? nil, "status": context.payload["status"] ?? nil,
            ])
        }
        try chat.onMessage("ping") { $0.reply("pong", $0.payload) }
        try chat.onMessage("whoami") { context in
            context.reply("whoami", ["userId": .string(context.user.id), "assigns": .object(context.assigns)])
        }
        try chat.onMessage("kick") { context in
            context.evict(
                context.payload["userId"]?.string ?? "",
                reason: context.payload["reason"]?.string ?? "kicked"
            )
        }
        try chat.onMessage("assign") { context in
            context.assign(context.payload.json.object ?? [:])
            context.reply("assigned", Payload(context.assigns))
        }
        try chat.onMessage("untrack") { try $0.untrack() }
        try chat.onMessage("crash") { _ in throw Crash() }
        try chat.onMessage("silent") { _ in }
    }

    private static func signed(_ context: EventContext) -> Payload {
        ["text": context.payload["text"] ?? nil, "from": context.assigns["username"] ?? nil]
    }
}
