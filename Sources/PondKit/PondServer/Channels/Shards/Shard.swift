import PondCore
import PondRuntime
internal import Synchronization

/// One event loop's part of a server: its connections, its members of channels, and the channels it is home to.
///
/// `@unchecked Sendable`: every variable is touched on `loop` only.
final class Shard: @unchecked Sendable {
    let index: Int
    let loop: EventLoop
    let core: ServerCore
    /// All shards of the server, this one included; none after it was stopped.
    var peers: [Shard] = []
    let runners: HandlerRunners
    var watch: HandlerWatch

    /// Connections of this loop by their id.
    var connections: [UInt128: any ServerConnection] = [:]
    /// The ids of the sockets with which connections go on, where it is not their first.
    private var socketIds: [ObjectIdentifier: String] = [:]
    /// The members, of any channel, whose connection lives here; by the number of the live channel.
    var locals: [UInt64: LocalChannel] = [:]
    /// The live channels whose home this is.
    var channels: [ChannelKey: Channel] = [:]
    /// The histories of channels that live, or that someone is about to join.
    var histories: [ChannelKey: HistorySlot] = [:]
    /// The ids of what the channels of this shard send.
    var requestIds = RequestIDSource()
    private var nextNumber: UInt64 = 0
    /// What waits for handlers on this loop.
    let work = LoopWork()
    /// Bytes of messages that other loops handed over and this one has not taken yet. Touched from any loop.
    private let arriving = Atomic<Int>(0)

    init(index: Int, loop: EventLoop, core: ServerCore) {
        self.index = index
        self.loop = loop
        self.core = core
        self.runners = HandlerRunners(loop: loop)
        self.watch = HandlerWatch(limit: core.options.limits.handlerBlockTime)
    }

    var now: MonotonicTime { self.loop.now }

    /// Ends the shard. Call on the loop, or after the loop has stopped.
    func end() {
        self.runners.stop()
        self.peers = []
    }

    /// The connection whose first or present socket has this id.
    func connection(_ id: String) -> (any ServerConnection)? {
        if let key = PondID.bits(id), let connection = self.connections[key] { return connection }
        guard self.socketIds.values.contains(id) else { return nil }
        return self.connections.values.first { self.socketIds[ObjectIdentifier($0)] == id }
    }

    /// Notes the id of a connection's new socket; `nil` at the connection's end.
    func rename(_ connection: any ServerConnection, _ id: String?) { self.socketIds[ObjectIdentifier(connection)] = id }

    /// Hands over a message that arrived on another loop; false when too many bytes are on their way already.
    ///
    /// Call on any loop, `work` runs on this one.
    func take(_ size: Int, _ work: @escaping @Sendable () -> Void) -> Bool {
        let bytes = self.arriving.wrappingAdd(size, ordering: .relaxed).newValue
        guard bytes <= self.core.options.limits.pendingBytes else {
            self.arriving.wrappingSubtract(size, ordering: .relaxed)
            return false
        }
        self.loop.execute {
            self.arriving.wrappingSubtract(size, ordering: .relaxed)
            work()
        }
        return true
    }

    /// A number that no other channel or member of this server has.
    func number() -> UInt64 {
        self.nextNumber += 1
        return UInt64(self.index) << 48 | self.nextNumber
    }

    /// Does something on a shard, at once when it is this one; two calls for one shard keep their order.
    func post(to shard: Shard, _ work: @escaping @Sendable (Shard) -> Void) {
        if shard === self {
            work(shard)
        } else {
            shard.loop.execute { work(shard) }
        }
    }

    /// The channel of a lobby and name whose home this is, made now when there is none.
    func channel(
        _ key: ChannelKey,
        of lobby: LobbyCore,
        match: @autoclosure () -> RouteMatch
    ) throws(PondError) -> Channel {
        if let channel = self.channels[key] { return channel }
        // A join handler may be done only when the server has stopped.
        guard !self.peers.isEmpty else { throw PondError.unavailable("the server has stopped") }
        guard self.core.directory.add(key, limit: self.core.options.limits.channels) else {
            throw PondError.unavailable("too many channels")
        }
        let channel = Channel(
            key: key,
            number: self.number(),
            lobby: lobby,
            match: match(),
            home: self,
            history: self.holdHistory(of: key)
        )
        self.channels[key] = channel
        if self.core.measures {
            self.core.options.metrics.channelCreated(endpoint: lobby.endpoint.path, channel: lobby.pattern)
        }
        return channel
    }

    /// Forgets a channel that has no members.
    func destroy(_ channel: Channel) {
        guard self.channels[channel.key] === channel else { return }
        self.channels[channel.key] = nil
        channel.cluster?.close()
        self.core.directory.remove(channel.key)
        if channel.history != nil { self.releaseHistory(of: channel.key) }
        if self.core.measures {
            self.core.options.metrics.channelDestroyed(
                endpoint: channel.lobby.endpoint.path,
                channel: channel.lobby.pattern
            )
        }
    }
}
