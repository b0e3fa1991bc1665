package import PondCore
package import PondRuntime

/// A history that several nodes append to: it gives the numbers, so that a channel has one numbering over all of them.
///
/// The rules of `HistoryStore` hold. What one node appends to one channel gets its numbers in the order of the calls.
package protocol SharedHistoryStore: HistoryStore {
    /// Stores a broadcast under the next number and announces it, both or neither.
    ///
    /// A broadcast whose id is known is not stored again; so what may have been stored can be appended again.
    /// `known` is the last that this node knows of the numbering: a store that has less has lost some, and refuses.
    /// Fails only where the broadcast was not stored and will not be.
    func append(
        _ broadcast: SharedBroadcast,
        to channel: HistoryKey,
        known: StreamPosition,
        on loop: EventLoop,
        then: @escaping @Sendable (Result<SharedAppend, PondError>) -> Void
    )

    /// Begins a channel's numbering with the epoch that `open` chose, unless there is one by now, and gives the
    /// numbering that holds. Called when the channel gets its first member on this node.
    func begin(
        _ channel: HistoryKey,
        epoch: String,
        on loop: EventLoop,
        then: @escaping @Sendable (Result<StreamPosition, PondError>) -> Void
    )

    /// Finds a channel's numbering; where the store has lost what `known` says, or all of it, it begins another one.
    func reopen(
        _ channel: HistoryKey,
        known: StreamPosition?,
        on loop: EventLoop,
        then: @escaping @Sendable (Result<StreamPosition, PondError>) -> Void
    )

    /// Hears of every broadcast of a channel that this node has open, in the order of the numbers, before members do.
    func goesOut(_ broadcast: StoredBroadcast, in channel: HistoryKey, epoch: String)

    /// What members see of what is said on their node while the store is away.
    var whileAway: StoreAbsence { get }

    /// Whether it would take one more append now, though it may have to wait.
    var hasRoom: Bool { get }

    /// Calls `then` on the loop when it has done with a broadcast of this node what it does when one goes out.
    func whenDone(with offset: UInt64, in channel: HistoryKey, on loop: EventLoop, then: @escaping @Sendable () -> Void)
}

extension SharedHistoryStore {
    package func begin(
        _ channel: HistoryKey,
        epoch: String,
        on loop: EventLoop,
        then: @escaping @Sendable (Result<StreamPosition, PondError>) -> Void
    ) {
        self.reopen(channel, known: nil, on: loop, then: then)
    }

    package var whileAway: StoreAbsence { .showLocally }

    package var hasRoom: Bool { true }

    package func goesOut(_ broadcast: StoredBroadcast, in channel: HistoryKey, epoch: String) {}

    package func whenDone(
        with offset: UInt64,
        in channel: HistoryKey,
        on loop: EventLoop,
        then: @escaping @Sendable () -> Void
    ) {
        then()
    }
}

/// A broadcast on its way into a shared history, before it has a number.
package struct SharedBroadcast: Sendable {
    /// The same for the same broadcast, whoever appends it and how often.
    package var id: String
    /// All but the number, which is 0.
    package var broadcast: StoredBroadcast
    /// How the other nodes hear of it; `nil` where they have heard, or there are none.
    package var announcement: Announcement?
    /// The last numbered broadcast that its sender knows, where this node had not read it when the sender joined.
    package var after: StreamPosition?

    package init(
        id: String,
        broadcast: StoredBroadcast,
        announcement: Announcement? = nil,
        after: StreamPosition? = nil
    ) {
        self.id = id
        self.broadcast = broadcast
        self.announcement = announcement
        self.after = after
    }

    /// A message to the other nodes, in which the number is missing.
    package struct Announcement: Sendable {
        package var topic: String
        /// What stands before the number, and what after it.
        package var head: [UInt8]
        package var tail: [UInt8]
    }
}

/// What became of a broadcast in a shared history.
package enum SharedAppend: Sendable, Hashable {
    /// It has this number; `isNew` unless it had it before.
    case stored(UInt64, isNew: Bool)
    /// The numbering is over, or the store has lost a part of it.
    case otherNumbering
}
