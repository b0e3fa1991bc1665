/// What a connection's own shard knows of its membership in a channel.
///
/// The home loop decides about membership; this record follows its decisions in their order.
/// `@unchecked Sendable`: touched on the connection's loop only; other shards just pass it along.
final class Membership: @unchecked Sendable {
    let connection: any ServerConnection
    let name: String
    /// Cleared when the connection forgets the channel, which breaks the ring between the two.
    var member: Member?
    /// The number of the live channel whose broadcasts arrive here.
    var channelNumber: UInt64 = 0
    var channel: LocalChannel?
    /// The place among the channel's local members.
    var index: Int {
        get { Int(self.place) }
        set { self.place = Int32(clamping: newValue) }
    }
    private var place: Int32 = 0
    /// Joins that went to the home and were not answered yet; messages behind them go there too.
    var unansweredJoins: Int32 = 0
    /// Whether the connection is a member that hears nothing until it joins again, because it lost its socket.
    var isSilent = false
    /// Whether the home remembers acknowledged messages, of which a repeat may come though the channel was left.
    var isRemembered = false
    /// What it missed and is getting, before it hears what is new.
    var replay: Replay?
    var presence = PresenceMode.none

    /// Which presence frames a member gets.
    enum PresenceMode: Sendable {
        /// Not tracked itself, so none.
        case none
        /// The full list with every change.
        case full
        /// The change alone.
        case delta
    }

    /// Whether nothing is expected of it.
    var isOver: Bool { self.channel == nil && !self.isSilent && self.unansweredJoins <= 0 && self.replay == nil }

    init(connection: any ServerConnection, name: String) {
        self.connection = connection
        self.name = name
    }
}
