/// One change of a state machine.
struct StateLogEntry: Hashable, Sendable {
    var time: WallTime
    /// The room whose machine moved; `nil` for the connection.
    var room: String?
    /// The state's name, as the protocol writes it.
    var state: String
    /// Why, or which try.
    var detail: String

    /// Whether `state` is a state of one of the machines, and not a remark such as a cluster that is apart.
    var isTransition: Bool { ConnectionState(rawValue: self.state) != nil || ChannelState(rawValue: self.state) != nil }
}
