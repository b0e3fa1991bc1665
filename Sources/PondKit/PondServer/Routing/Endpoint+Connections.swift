public import PondCore
import PondRuntime

/// The connections of an endpoint, whatever channels they are in.
extension Endpoint {
    /// The connections that are open or wait for their client to come back, in no order.
    public func connections() async -> [ConnectionInfo] {
        var all: [ConnectionInfo] = []
        for shard in self.core.server.group.shards {
            all += (try? await shard.loop.run { self.local(shard).map(\.identity.info) }) ?? []
        }
        return all
    }

    /// Sends an event to every connection, outside of any channel, as a connection handler's reply is sent.
    ///
    /// A client that is away at the moment does not get it later. One that is larger than
    /// `Limits.outgoingMessageBytes` is not sent, and the log says so.
    public func broadcast(_ event: String, _ payload: Payload = .empty) {
        self.send(event, payload) { _ in true }
    }

    /// Sends an event to every connection of a user, outside of any channel.
    public func send(_ event: String, _ payload: Payload = .empty, toUser userId: String) {
        self.send(event, payload) { $0.identity.userId == userId }
    }

    private func send(
        _ event: String,
        _ payload: Payload,
        to isMeant: @escaping @Sendable (any ServerConnection) -> Bool
    ) {
        let frame = ServerFrames.gateway(.system, event, payload)
        let options = self.core.server.options
        let (bytes, limit) = (frame.text.count, options.limits.outgoingMessageBytes)
        guard bytes <= limit else {
            let error = PondError.tooLarge(event, in: self.path, bytes: bytes, limit: limit)
            return options.log.log(.error, "a message to connections was refused: \(error)")
        }
        for shard in self.core.server.group.shards {
            shard.loop.execute {
                for connection in self.local(shard) where isMeant(connection) { connection.send(frame) }
            }
        }
    }

    private func local(_ shard: Shard) -> [any ServerConnection] {
        shard.connections.values.filter { $0.identity.info.endpoint == self.path }
    }
}
