import PondCore
import PondRuntime

/// What the parts of a live channel share: its name, its lobby and its home loop.
///
/// Confined to the home loop.
final class ChannelScope {
    let key: ChannelKey
    /// Distinguishes this channel from earlier and later channels of the same name.
    let number: UInt64
    let lobby: LobbyCore
    let match: RouteMatch
    let home: Shard
    /// Numbers and stores the broadcasts; `nil` if the lobby keeps no history.
    let history: ChannelHistory?
    /// The connection to other nodes; `nil` without a cluster.
    var cluster: ChannelCluster?

    /// The lobby's handlers at the version below.
    private var known: LobbyHandlers
    private var knownVersion: Int

    init(key: ChannelKey, number: UInt64, lobby: LobbyCore, match: RouteMatch, home: Shard, history: ChannelHistory?) {
        self.key = key
        self.number = number
        self.lobby = lobby
        self.match = match
        self.home = home
        self.history = history
        self.knownVersion = lobby.version
        self.known = lobby.handlers
    }

    var name: String { self.key.name }
    var core: ServerCore { self.home.core }
    var limits: Limits { self.home.core.options.limits }

    /// The lobby's current handlers.
    var handlers: LobbyHandlers {
        let version = self.lobby.version
        if version != self.knownVersion {
            self.knownVersion = version
            self.known = self.lobby.handlers
        }
        return self.known
    }

    /// Throws if a message of this channel would be larger than clients accept.
    func checkSize(_ event: String, _ payload: Payload, requestIdBytes: Int = PondID.uuidBytes) throws(PondError) {
        try self.lobby.checkSize(event, payload, in: self.name, requestIdBytes: requestIdBytes)
    }

    /// Whether a broadcast from another node or from a store is small enough to be sent; logs one that is not.
    func canSend(_ broadcast: StoredBroadcast) -> Bool {
        do throws(PondError) {
            let requestIdBytes = broadcast.requestId.utf8.count
            try self.checkSize(broadcast.event, broadcast.payload, requestIdBytes: requestIdBytes)
            return true
        } catch {
            self.cluster?.refuse(error)
            self.log(.warning, "a stored broadcast in \(self.lobby.pattern) is skipped: \(error)")
            return false
        }
    }

    /// A stored broadcast as members receive it, with its offset if it is numbered.
    func message(_ broadcast: StoredBroadcast, isNumbered: Bool = true) -> ServerMessage {
        ServerMessage(
            action: .broadcast,
            event: broadcast.event,
            channelName: self.name,
            requestId: broadcast.requestId,
            offset: isNumbered ? broadcast.offset : nil,
            payload: broadcast.payload
        )
    }

    func log(_ level: LogLevel, _ text: @autoclosure () -> String) {
        self.core.options.log.log(level, text())
    }
}
