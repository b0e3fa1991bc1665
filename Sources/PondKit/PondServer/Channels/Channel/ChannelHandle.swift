public import PondCore
import PondRuntime

/// A channel as seen from outside its handlers: timers, other tasks, other channels.
///
/// ```swift
/// pond.channel("/socket", "/chat/42")?.broadcast("notice", ["text": "Good night"])
/// ```
///
/// What is sent through handles of one channel from one task arrives in the order it was sent. A channel without
/// members does not exist: sending to it does nothing.
public struct ChannelHandle: Sendable {
    /// The channel's name.
    public let name: String
    let lobby: LobbyCore
    private let match: RouteMatch

    init(lobby: LobbyCore, match: RouteMatch, name: String) {
        self.lobby = lobby
        self.match = match
        self.name = name
    }

    private var key: ChannelKey { ChannelKey(endpoint: self.lobby.endpoint.index, name: self.name) }

    /// Whether the channel has members now.
    public var isLive: Bool { self.lobby.endpoint.server.directory.contains(self.key) }

    // Acting

    /// Sends an event to members, every one where nothing else is said.
    ///
    /// One that is larger than `Limits.outgoingMessageBytes` is not sent, and the log says so.
    public func broadcast(_ event: String, _ payload: Payload = .empty, to recipients: Recipients = .all) {
        do throws(PondError) {
            try self.send(event, payload, to: recipients)
        } catch {
            self.lobby.endpoint.server.options.log.log(.error, "a broadcast through a handle was refused: \(error)")
        }
    }

    /// Sends an event to members; throws where it is too large.
    func send(_ event: String, _ payload: Payload, to recipients: Recipients) throws(PondError) {
        try self.lobby.checkSize(event, payload, in: self.name)
        self.act { channel in
            do throws(PondError) {
                try channel.publisher.publish(event, payload, to: recipients)
            } catch {
                channel.scope.log(.error, "\(event) in \(channel.lobby.pattern) was not sent: \(error)")
            }
        }
    }

    /// Sends an event to some users; ids without a member are ignored.
    public func broadcastTo(_ userIds: [String], _ event: String, _ payload: Payload = .empty) {
        self.broadcast(event, payload, to: .users(userIds))
    }

    /// Sends an event to every member but the connections of one user.
    public func broadcastFrom(_ userId: String, _ event: String, _ payload: Payload = .empty) {
        self.broadcast(event, payload, to: .allExcept(userId))
    }

    /// Sends an event to the members on this node alone, in a lobby that keeps no history.
    package func tellHere(_ event: String, _ payload: Payload) {
        self.act { channel in
            guard (try? channel.scope.checkSize(event, payload)) != nil else { return }
            let message = ServerMessage(
                action: .broadcast,
                event: event,
                channelName: channel.name,
                requestId: channel.home.requestIds.next(),
                payload: payload
            )
            channel.delivery.send(message, to: .all, at: .none)
        }
    }

    /// Removes a user and tells it the reason.
    public func evict(_ userId: String, reason: String = "evicted") {
        self.act { $0.evict(userId, reason: reason) }
    }

    /// Merges members into the assigns of a user in this channel.
    public func assign(_ assigns: JSONObject, for userId: String) {
        self.act { $0.assign(assigns, to: userId) }
    }

    // Presence

    /// Shows a member as present; a 404 where it is none, a 409 where it is tracked already.
    public func track(_ presence: JSONObject, for userId: String, key: String? = nil) async throws(PondError) {
        try await self.change { channel throws(PondError) in
            try channel.presence.track(try channel.someone(userId), presence, key: key)
        }
    }

    /// Changes what a tracked user shows; a 404 when it is not a member or not tracked.
    public func updatePresence(_ presence: JSONObject, for userId: String) async throws(PondError) {
        try await self.change { channel throws(PondError) in
            if try channel.presence.setRemote(userId, to: presence) { return }
            try channel.presence.update(try channel.someone(userId), presence)
        }
    }

    /// Ends the presence of a user, which stays a member; a 404 when it is not a member or not tracked.
    public func untrack(_ userId: String) async throws(PondError) {
        try await self.change { channel throws(PondError) in
            if try channel.presence.setRemote(userId, to: nil) { return }
            try channel.presence.untrack(try channel.someone(userId))
        }
    }

    private func change(_ body: @escaping @Sendable (Channel) throws(PondError) -> Void) async throws(PondError) {
        let outcome = await self.ask(Result<Void, PondError>.failure(.notFound("No such channel"))) { channel in
            do throws(PondError) {
                return .success(try body(channel))
            } catch {
                return .failure(error)
            }
        }
        try outcome.get()
    }

    // Asking

    /// The users in the channel, each once, in no order.
    public func users() async -> [User] { await self.ask([]) { $0.users } }

    /// A user in the channel, or `nil`; other nodes are asked for one that nothing is known of.
    public func user(_ id: String) async -> User? {
        if let user = await self.ask(nil, { $0.user(id) }) { return user }
        guard let home = self.home, home.core.cluster != nil else { return nil }
        return await withCheckedContinuation { continuation in
            let isAsked = home.loop.submit { [key] in
                guard let cluster = home.channels[key]?.cluster else { return continuation.resume(returning: nil) }
                cluster.find(id) { continuation.resume(returning: $0?.user) }
            }
            if !isAsked { continuation.resume(returning: nil) }
        }
    }

    /// Every presence, in the order of tracking.
    public func presence() async -> [(key: String, presence: JSONObject)] {
        await self.ask([]) { channel in channel.presence.entries.map { (key: $0.key, presence: $0.value) } }
    }

    /// What the server remembers about each user, by user id.
    public func assigns() async -> [String: JSONObject] {
        await self.ask([:]) { $0.assignsByUser }
    }

    /// The number of users in the channel.
    public func userCount() async -> Int { await self.ask(0) { $0.users.count } }

    /// Returns when everything sent through handles of this channel before has been handed to the connections' shards.
    public func settled() async { await self.ask(()) { _ in () } }

    private var home: Shard? { self.lobby.endpoint.server.group.home(of: self.key) }

    private func act(_ body: @escaping @Sendable (Channel) -> Void) {
        guard let home = self.home else { return }
        home.loop.execute { [key] in
            if let channel = home.channels[key] { body(channel) }
        }
    }

    private func ask<Answer: Sendable>(
        _ absent: Answer,
        _ body: @escaping @Sendable (Channel) -> Answer
    ) async -> Answer {
        guard let home = self.home else { return absent }
        let key = self.key
        // A server that has stopped has no loop that could answer.
        let answer = try? await home.loop.run { home.channels[key].map(body) }
        return (answer ?? nil) ?? absent
    }
}

extension Channel {
    /// A member of this node by its user id.
    fileprivate func someone(_ userId: String) throws(PondError) -> Member {
        guard let member = self.roster.member(of: userId) else { throw .presence(404, "The user is not a member") }
        return member
    }
}
