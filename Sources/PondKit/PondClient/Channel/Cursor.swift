public import PondCore

/// The position in a channel's numbered broadcasts, across any number of connections.
public struct Cursor: Sendable {
    /// The last broadcast we have seen; `nil` on a channel that does not number them.
    public private(set) var position: StreamPosition?
    private var asked: StreamPosition?
    /// Whether the server cannot say yet how the channel is numbered, or whether it is another one than we know.
    private var isApart = false
    /// What came without a number on a channel that has numbers, and will have its own later.
    private var early = EarlyBroadcasts()

    /// A cursor at a position of an earlier process; `nil` where none is known.
    public init(position: StreamPosition? = nil) { self.position = position }

    /// A join is being sent. Returns what to recover from.
    public mutating func joining() -> StreamPosition? {
        self.asked = self.position
        return self.asked
    }

    /// What an acknowledged join means for the program.
    public enum JoinedAction: Sendable, Hashable {
        /// Nothing was missed that we could know of.
        case nothing
        /// This many missed broadcasts follow; with them everything was seen.
        case recovered(Int)
        /// Broadcasts were missed that cannot be had any more: load the state anew.
        case resyncRequired
    }

    /// The join was acknowledged.
    public mutating func joined(_ answer: JoinAnswer) -> JoinedAction {
        let asked = self.asked
        self.asked = nil
        self.isApart = answer.isApart
        // The server has lost sight of the numbering and will have us join again: what we know may still hold then.
        if answer.isApart { return .nothing }
        guard let asked else {
            self.position = answer.position
            return .nothing
        }
        // The replay is still to come: the position stays where it was, or the replay would look like repeats.
        if answer.recovered == true, answer.position?.epoch ?? asked.epoch == asked.epoch {
            return .recovered(answer.replayed)
        }
        self.position = answer.position
        return .resyncRequired
    }

    /// Whether a broadcast is new to us.
    ///
    /// One without a number is, except where numbers are missing for a while: then it comes again with one, and perhaps
    /// before that to each socket that we join with.
    public mutating func received(offset: UInt64?, requestId: String = "") -> Bool {
        guard let offset else {
            guard self.isApart || self.position != nil else { return true }
            return self.early.cameWithout(number: requestId)
        }
        guard let position = self.position else { return !self.early.came(number: requestId) }
        guard offset > position.offset else { return false }
        self.position = StreamPosition(epoch: position.epoch, offset: offset)
        return !self.early.came(number: requestId)
    }
}
