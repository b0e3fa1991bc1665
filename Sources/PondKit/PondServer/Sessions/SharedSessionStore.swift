public import PondCore

/// Where the sessions of all nodes are kept, so that one can go on with what another had.
///
/// Every method may be called from any thread, and `then` on any other, once.
public protocol SharedSessionStore: Sendable {
    /// Says that a node lives and can be relied on to live so long: sessions of one that does not are nobody's.
    func keepAlive(_ node: String, for time: Duration)

    /// Stores a session as a whole.
    func save(
        _ record: SessionRecord,
        as key: String,
        of owner: SessionOwner,
        then: @escaping @Sendable (SessionAnswer) -> Void
    )

    /// Stores one membership of a session, or with `nil` that it is over.
    func change(
        _ channel: String,
        to membership: SessionMembership?,
        of key: String,
        owner: SessionOwner,
        then: @escaping @Sendable (SessionAnswer) -> Void
    )

    /// Asks whether a session is still this owner's, and keeps it from expiring.
    func touch(_ key: String, owner: SessionOwner, then: @escaping @Sendable (SessionAnswer) -> Void)

    /// Forgets a session that is this owner's.
    func end(_ key: String, owner: SessionOwner)

    /// Makes a node the owner of a session of an endpoint, wherever it was; `nil` where there is no such session.
    ///
    /// Whose it was hears of it on the cluster's topic of sessions.
    func take(
        _ key: String,
        endpoint: String,
        for node: String,
        then: @escaping @Sendable (Result<TakenSession?, PondError>) -> Void
    )

    /// Hears that the store was away: what it knew may be gone.
    func onReturn(_ body: @escaping @Sendable () -> Void)
}

/// Who has a session: a node, and how often the session went from one to another before.
public struct SessionOwner: Sendable, Hashable {
    /// The node's name.
    public var node: String
    /// Grows with each take.
    public var generation: Int64

    public init(node: String, generation: Int64) {
        self.node = node
        self.generation = generation
    }
}

/// What became of a change to a session.
public enum SessionAnswer: Sendable, Hashable {
    /// The store has it.
    case done
    /// The store does not know the session.
    case missing
    /// Another node has it.
    case taken
    /// The store could not be asked.
    case failed
}

/// A session that this node goes on with.
public struct TakenSession: Sendable {
    /// What it holds.
    public var record: SessionRecord
    /// This node, in a new generation.
    public var owner: SessionOwner

    public init(record: SessionRecord, owner: SessionOwner) {
        self.record = record
        self.owner = owner
    }
}
