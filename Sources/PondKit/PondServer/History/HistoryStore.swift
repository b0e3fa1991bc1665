public import PondCore
public import PondRuntime

/// Where the numbered broadcasts of channels are kept.
///
/// Every method is called on the event loop of the channel and must not wait there. `then` is called exactly once,
/// on that loop; it may be called before the method returns. What one loop appends to one channel is stored in the
/// order of the calls.
public protocol HistoryStore: Sendable {
    /// Finds a channel's numbering and gives its epoch and last offset.
    ///
    /// Where a channel has none, the store chooses an epoch and stores nothing: a join that is refused opens the
    /// history, too. The numbering begins with the first append of that epoch. A store that outlives the process chooses
    /// the same one again until then, for members have been told of it and recover from it after a crash.
    ///
    /// Numbers that were given out may come again under the same epoch only where no broadcast with that number was
    /// ever stored: a broadcast goes out to members after it was stored, never before.
    func open(
        _ channel: HistoryKey,
        on loop: EventLoop,
        then: @escaping @Sendable (Result<StreamPosition, PondError>) -> Void
    )

    /// Stores a broadcast; with an error it is as if it had never been, and its number stays unused.
    func append(
        _ broadcast: StoredBroadcast,
        to channel: HistoryKey,
        epoch: String,
        on loop: EventLoop,
        then: @escaping @Sendable (PondError?) -> Void
    )

    /// Finds everything that was stored after a position, up to about `maximumBytes` of payloads; more is impossible.
    func read(
        _ channel: HistoryKey,
        after position: StreamPosition,
        maximumBytes: Int,
        on loop: EventLoop,
        then: @escaping @Sendable (Result<RecoveryDecision, PondError>) -> Void
    )

    /// Finds the ids of the requests of a client of which broadcasts are stored in a channel, or that were noted as
    /// handled, at least of the last minutes.
    ///
    /// It is asked when a client comes back that was here before, to tell what it repeats from what is new. A store
    /// that cannot tell keeps to the default, which finds none.
    func requests(
        of client: ClientID,
        in channel: HistoryKey,
        on loop: EventLoop,
        then: @escaping @Sendable (Result<[String], PondError>) -> Void
    )

    /// Notes that a request was handled, of which no broadcast came, so that `requests` finds it, too.
    ///
    /// Nobody waits for it: if it is lost, so may be the answer to the request, and then a repeat is handled again.
    func handled(_ request: RequestOrigin, in channel: HistoryKey, on loop: EventLoop)

    /// How often the store changed what it had of a channel: where the number is another one than before, what is kept in
    /// memory is out of date, and the store is read instead. Stores that never change anything keep to the default.
    func revision(of channel: HistoryKey) -> UInt64

    /// Hears that a channel has no members any more; what was stored stays.
    func close(_ channel: HistoryKey, on loop: EventLoop)
}

extension HistoryStore {
    public func requests(
        of client: ClientID,
        in channel: HistoryKey,
        on loop: EventLoop,
        then: @escaping @Sendable (Result<[String], PondError>) -> Void
    ) {
        then(.success([]))
    }

    public func revision(of channel: HistoryKey) -> UInt64 { 0 }

    public func handled(_ request: RequestOrigin, in channel: HistoryKey, on loop: EventLoop) {}

    public func close(_ channel: HistoryKey, on loop: EventLoop) {}
}
