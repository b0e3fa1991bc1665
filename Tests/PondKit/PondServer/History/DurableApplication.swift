import PondTesting
import Testing

@testable import PondCore
@testable import PondServer

/// A server whose rooms keep a history, for tests of what is not lost.
struct DurableApplication {
    let pond: PondSocket
    let driver: PondTestDriver

    init(
        shards: Int = 1,
        store: (any HistoryStore)? = nil,
        _ configure: (inout PondOptions) -> Void = { _ in }
    ) throws {
        var options = PondOptions()
        configure(&options)
        self.pond = PondSocket(options: options.onTestCarrier)
        let endpoint = try self.pond.createEndpoint("/socket") { context in
            context.accept(userId: context.query["id"]?.first)
        }
        let lobby = try endpoint.createChannel("/room/:id") { context in
            context.accept()
            if context.payload["hidden"] == nil { try context.track(["id": .string(context.user.id)]) }
        }
        lobby.keepHistory(in: store)
        try lobby.onMessage("say") { context in context.broadcast("say", context.payload) }
        try lobby.onMessage("others") { context in context.broadcastFrom("others", context.payload) }
        try lobby.onMessage("whisper") { context in
            context.broadcastTo(context.payload["to"]?.string ?? "", "whisper", context.payload)
        }
        try lobby.onMessage("fail") { context in
            context.broadcast("tried")
            throw PondError.forbidden("not you")
        }
        try lobby.onOutgoing("say") { context in
            if context.payload["secret"] == .string(context.user.id) { context.block() }
            if context.payload["shout"] != nil { context.transform(["n": "LOUD"]) }
        }
        self.driver = self.pond.test(shards: shards)
    }

    /// Connects a client that keeps sessions, or resumes the one of a token; `isFirstVersion` announces nothing.
    func connect(
        _ id: String,
        token: String? = nil,
        isFirstVersion: Bool = false,
        shard: Int = 0
    ) throws -> PondTestSession {
        let headers: HTTPHeaders = isFirstVersion ? [:] : ["Pond-Session": token ?? "new"]
        return try self.driver.connect("/socket?id=\(id)", headers: headers, shard: shard)
    }

    /// Connects and joins without being tracked; what came of that is taken already.
    func member(_ id: String, shard: Int = 0) throws -> PondTestSession {
        let session = try self.connect(id, shard: shard)
        session.join("/room/1", ["hidden": true])
        _ = session.receiveAll()
        return session
    }
}

extension PondTestSession {
    /// The token that gives this session back.
    var token: String? { self.greeting?.payload["pond"]?["session"]?.string }

    @discardableResult
    func join(recovering position: StreamPosition?, deltas: Bool = false) -> [ServerMessage] {
        self.send(
            ClientMessage(
                action: .joinChannel,
                event: "JOIN_CHANNEL",
                channelName: "/room/1",
                requestId: "again",
                payload: ["hidden": true],
                recover: position,
                wantsPresenceDeltas: deltas
            )
        )
        return self.receiveAll()
    }

    func sendAcknowledged(_ event: String, _ payload: Payload = .empty, id: String) {
        self.send(
            ClientMessage(
                action: .broadcast,
                event: event,
                channelName: "/room/1",
                requestId: id,
                payload: payload,
                wantsAcknowledgement: true
            )
        )
    }
}

extension ServerMessage {
    /// The event with its number, and what it says.
    var line: String {
        let offset = self.offset.map { " \($0)" } ?? ""
        return self.event + offset + (self.payload["n"].map { " \($0.string ?? $0.text)" } ?? "")
    }
}
