public import PondCore

/// What the acknowledgement of a join says about the channel's numbered broadcasts.
public struct JoinAnswer: Sendable, Hashable {
    /// The last broadcast's number and the numbering it belongs to; `nil` where broadcasts are not numbered.
    public var position: StreamPosition?
    /// Whether the missed broadcasts follow; `nil` where none were asked for.
    public var recovered: Bool?
    /// How many of them follow.
    public var replayed: Int
    /// Whether the server cannot say now how the channel is numbered, and will have its members join again when it can.
    public var isApart: Bool

    /// An answer of these parts.
    public init(
        position: StreamPosition? = nil,
        recovered: Bool? = nil,
        replayed: Int = 0,
        isApart: Bool = false
    ) {
        self.isApart = isApart
        self.position = position
        self.recovered = recovered
        self.replayed = replayed
    }
}
