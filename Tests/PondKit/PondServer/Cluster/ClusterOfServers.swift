import PondTesting

@testable import PondCore
@testable import PondRuntime
@testable import PondServer

/// Servers of one program that act as one, on loops that the test runs.
final class ClusterOfServers {
    let carrier = LocalPubSub()
    let store: SharedTestStore
    let sessions: SessionTestStore
    /// Whom leave handlers heard of, on any server.
    let gone = Lock<[String]>([])
    /// The requests that were only answered, on any server.
    let asked = Lock(0)
    private(set) var servers: [PondSocket] = []

    init(_ count: Int, shards: Int = 1) throws {
        self.store = SharedTestStore(self.carrier)
        self.sessions = SessionTestStore(self.carrier)
        for index in 0..<count {
            var options = PondOptions()
            var cluster = ClusterOptions(self.carrier)
            cluster.nodeId = "node\(index)"
            cluster.sessions = self.sessions
            options.cluster = cluster
            options.log = SilentLog()
            let server = PondSocket(options: options)
            try Self.serve(server, self.store, self.gone, self.asked)
            _ = server.test(shards: shards)
            self.servers.append(server)
        }
        self.run()
    }

    private static func serve(
        _ server: PondSocket,
        _ store: SharedTestStore,
        _ gone: Lock<[String]>,
        _ asked: Lock<Int>
    ) throws {
        let endpoint = try server.createEndpoint("/socket") { context in
            context.accept(
                assigns: ["name": .string(context.query["as"]?.first ?? "")],
                userId: context.query["as"]?.first
            )
        }
        let durable = try endpoint.createChannel("/durable/:room") { $0.accept() }
        durable.keepHistory(in: store)
        try durable.onMessage("say") { $0.broadcast("said", $0.payload) }
        durable.onLeave { context in
            gone.withLock { $0.append(context.user.id) }
            context.broadcast("went", ["n": .string(context.user.id)])
        }
        try durable.onMessage("ask") { context in
            asked.withLock { $0 += 1 }
            context.reply("answer", context.payload)
        }
        try durable.onMessage("twice") { context in
            context.broadcast("said", context.payload)
            context.broadcastFrom("others", context.payload)
        }
        let chat = try endpoint.createChannel("/chat/:room") { context in
            context.accept()
            if context.payload["silent"] == nil { try context.track(["name": context.assigns["name"] ?? nil]) }
        }
        try chat.onMessage("say") { $0.broadcast("said", $0.payload) }
        try chat.onMessage("others") { $0.broadcastFrom("said", $0.payload) }
        try chat.onMessage("to") { $0.broadcastTo($0.payload["to"]?.string ?? "", "said", $0.payload) }
        try chat.onMessage("status") { try $0.updatePresence($0.payload.json.object ?? [:]) }
        try chat.onMessage("assign") { context in
            context.assign(["role": "admin"], for: context.payload["to"]?.string)
        }
        try chat.onMessage("mark") { context in
            try context.updatePresence(["marked": true], for: context.payload["to"]?.string)
        }
        try chat.onMessage("show") { context in
            try context.track(["shown": true], for: context.payload["to"]?.string, key: context.payload["key"]?.string)
        }
        try chat.onMessage("hide") { try $0.untrack($0.payload["to"]?.string) }
        try chat.onMessage("find") { context in
            let user = await context.findUser(context.payload["to"]?.string ?? "")
            context.reply("found", ["id": user.map { .string($0.id) } ?? nil])
        }
        try chat.onMessage("kick") { $0.evict($0.payload["to"]?.string ?? "", reason: "why") }
        chat.onLeave { context in gone.withLock { $0.append(context.user.id) } }
        try chat.onMessage("look") { context in
            let users = context.users.sorted { $0.id < $1.id }.map { user in
                JSON.array([.string(user.id), .object(user.assigns), user.presence.map(JSON.object) ?? nil])
            }
            context.reply("seen", ["users": .array(users)])
        }
    }

    /// Runs every server until none has anything left to do.
    func run(but silent: Int? = nil) {
        for _ in 0..<6 {
            for (index, server) in self.servers.enumerated() where index != silent { server.test.run() }
        }
    }

    /// Lets time pass on every server but one that is dead.
    func pass(_ time: Duration, but dead: Int? = nil) {
        for _ in 0..<Int(time.inSeconds / 5) {
            for (index, server) in self.servers.enumerated() where index != dead {
                server.test.advance(by: .seconds(5))
            }
            self.run(but: dead)
        }
    }

    /// Someone in the room on a server; what was said until then is gone.
    func join(_ name: String, on server: Int, room: String = "/chat/1", silent: Bool = false) throws -> PondTestSession
    {
        let session = try self.servers[server].test.connect("/socket?as=\(name)", headers: ["Pond-Session": "new"])
        session.join(room, silent ? ["silent": true] : .empty)
        self.run()
        return session
    }

    /// Someone in the room with a history, with the answer to the join and what was replayed.
    func joinDurable(
        _ name: String,
        on server: Int,
        token: String? = nil,
        recovering: StreamPosition? = nil,
        waiting time: Duration = .zero
    ) throws -> (session: PondTestSession, answer: [ServerMessage]) {
        let headers: HTTPHeaders = ["Pond-Session": token ?? "new"]
        let session = try self.servers[server].test.connect("/socket?as=\(name)", headers: headers)
        session.send(
            ClientMessage(
                action: .joinChannel,
                event: "JOIN_CHANNEL",
                channelName: "/durable/1",
                requestId: "join",
                payload: .empty,
                recover: recovering
            )
        )
        self.run()
        for _ in 0..<Int(time.inSeconds) { for server in self.servers { server.test.advance(by: .seconds(1)) } }
        self.run()
        return (session, session.receiveAll())
    }

    /// A client that comes back with a session's token, on any server.
    func comeBack(_ session: PondTestSession, on server: Int) throws -> PondTestSession {
        var headers = HTTPHeaders()
        if let token = session.greeting?.payload["pond"]?["session"]?.string { headers.add("Pond-Session", token) }
        return try self.servers[server].test.connect("/socket?as=stranger", headers: headers)
    }

    /// What a session has heard of one event, after everything has run.
    func heard(_ session: PondTestSession) -> [String] {
        self.run()
        return session.receiveAll().map { "\($0.event) \($0.payload)" }
    }
}
