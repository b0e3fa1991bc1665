/// A place in a channel's numbered broadcasts.
public struct StreamPosition: Sendable, Hashable {
    /// The random id of this numbering; offsets of different epochs cannot be compared.
    public var epoch: String
    /// The number of the last broadcast seen; 0 before the first.
    public var offset: UInt64

    /// The place after broadcast `offset` of the numbering `epoch`.
    public init(epoch: String, offset: UInt64) {
        self.epoch = epoch
        self.offset = offset
    }
}
