/// A value as it stands somewhere, before it is understood.
struct ConfigurationEntry: Sendable, Hashable {
    /// The name of the option; `rooms.NAME` for the topic of a room.
    var name: String
    var value: String
    var source: ConfigurationSource
}
