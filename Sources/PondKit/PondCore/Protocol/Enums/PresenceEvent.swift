/// What happened to a presence.
public enum PresenceEvent: String, Sendable, CaseIterable {
    case join = "JOIN"
    case leave = "LEAVE"
    case update = "UPDATE"
    /// The full list that opens a delta subscription; peers that did not ask for deltas never see it.
    case state = "STATE"
}
