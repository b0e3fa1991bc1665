/// What a channel knows about the broadcasts it missed, once it is joined again.
public enum RecoveryEvent: Sendable, Hashable {
    /// This many missed broadcasts follow; with them nothing was missed.
    case recovered(Int)
    /// Broadcasts were missed that cannot be had any more: load the state anew.
    case resyncRequired
}
