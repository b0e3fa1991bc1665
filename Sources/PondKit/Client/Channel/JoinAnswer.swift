/// What the acknowledgement of a join says about the channel's numbered broadcasts.
public struct JoinAnswer: Sendable, Hashable {
    /// The last broadcast's number and the numbering it belongs to; `nil` where broadcasts are not numbered.
    public var position: StreamPosition?
    /// Whether the missed broadcasts follow; `nil` where none were asked for.
    public var recovered: Bool?
    /// How many of them follow.
    public var replayed: Int

    /// An answer of these parts.
    public init(position: StreamPosition? = nil, recovered: Bool? = nil, replayed: Int = 0) {
        self.position = position
        self.recovered = recovered
        self.replayed = replayed
    }
}
