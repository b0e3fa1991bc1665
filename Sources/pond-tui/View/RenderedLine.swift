/// One row of the message pane.
struct RenderedLine: Hashable, Sendable {
    /// The entry it belongs to; `nil` for day lines and the marker.
    var key: Int?
    var glyphs: [Glyph]
    /// What stands at the right edge.
    var trailing: [Glyph] = []
    /// Whether the whole row is a rule with a text in its middle.
    var rule: Rule?

    /// What a rule is drawn of.
    enum Rule: Hashable, Sendable {
        case day
        case marker
    }
}
