/// Where a timeline stands when it does not follow its end.
struct ScrollAnchor: Hashable, Sendable {
    /// The entry at the bottom of the pane.
    var key: Int
    /// How many of its last lines lie below the pane.
    var hiddenLines = 0
}
