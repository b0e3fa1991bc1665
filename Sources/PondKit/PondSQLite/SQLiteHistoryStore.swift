public import PondCore
public import PondRuntime
public import PondServer

/// A history in an SQLite file: broadcasts go out when they are on the disk, and are found again after a restart.
///
/// ```swift
/// let store = try SQLiteHistoryStore(file: "history.db")
/// lobby.keepHistory(in: store)
/// ```
///
/// Broadcasts that wait together are committed together. Numbers that were given out to broadcasts which are not kept
/// do not come again after a crash: the store sets some aside in advance.
public final class SQLiteHistoryStore: HistoryStore {
    /// Changes other tables along with a broadcast, all or nothing; a constraint fault refuses the broadcast with 409.
    package typealias Projection =
        @Sendable (SQLiteConnection, HistoryKey, StoredBroadcast) throws(SQLiteFault) -> Void

    private let database: SQLiteDatabase
    private let bounds: HistoryBounds
    private let transient: Set<String>
    private let projection: Projection?
    private let revisions: HistoryRevisions
    /// The numbers up to which each open channel may go before it must set more aside.
    private let reserves = Lock<[HistoryKey: Reserve]>([:])

    /// As many as a client can have under way, and then some.
    private static let rememberedRequests = 1_024

    private struct Reserve {
        /// The last number that was given out.
        var last: UInt64
        /// The number that is set aside on the disk.
        var end: UInt64
        /// The epoch of the numbering that begins with the next append; `nil` once it is stored.
        var newEpoch: String?
    }

    /// A history in a file of its own.
    public convenience init(file: String, bounds: HistoryBounds = .lasting) throws(PondError) {
        do throws(SQLiteFault) {
            let migrations = SQLiteMigrations(applicationID: 0x506F_6E48, steps: SQLiteHistoryTables.steps)
            self.init(try SQLiteDatabase(.file(file), migrations: migrations), bounds: bounds)
        } catch {
            throw error.asPondError
        }
    }

    /// A history in a database that has the tables of `SQLiteHistoryTables.steps`; events of a `transient` name are
    /// numbered and not kept.
    package init(
        _ database: SQLiteDatabase,
        bounds: HistoryBounds = .lasting,
        transient: Set<String> = [],
        projection: Projection? = nil,
        revisions: HistoryRevisions = HistoryRevisions()
    ) {
        self.database = database
        self.bounds = bounds
        self.transient = transient
        self.projection = projection
        self.revisions = revisions
    }

    /// Ends after what was handed over before.
    public func close() async { await self.database.close() }

    // HistoryStore

    public func revision(of channel: HistoryKey) -> UInt64 { self.revisions.number(of: channel) }

    public func open(
        _ channel: HistoryKey,
        on loop: EventLoop,
        then: @escaping @Sendable (Result<StreamPosition, PondError>) -> Void
    ) {
        self.database.write(
            on: loop,
            { connection throws(SQLiteFault) in
                let tables = SQLiteHistoryTables(connection)
                if let found = try tables.open(channel) { return (found, isNew: false) }
                return (StreamPosition(epoch: try tables.firstEpoch(of: channel), offset: 0), isNew: true)
            },
            finished: { (result: Result<(StreamPosition, isNew: Bool), SQLiteFault>) in
                let opened = result.map { position, isNew in
                    let reserve = Reserve(
                        last: position.offset,
                        end: isNew ? 0 : position.offset + SQLiteHistoryTables.reserve,
                        newEpoch: isNew ? position.epoch : nil
                    )
                    self.reserves.withLock { $0[channel] = reserve }
                    return position
                }
                then(opened.mapError(\.asPondError))
            }
        )
    }

    public func append(
        _ broadcast: StoredBroadcast,
        to channel: HistoryKey,
        epoch: String,
        on loop: EventLoop,
        then: @escaping @Sendable (PondError?) -> Void
    ) {
        let isKept = !self.transient.contains(broadcast.event)
        guard isKept || self.note(broadcast.offset, in: channel) else { return then(nil) }
        let (bounds, projection) = (self.bounds, isKept ? self.projection : nil)
        let newEpoch = self.reserves.withLock { $0[channel]?.newEpoch }
        self.database.write(
            on: loop,
            { connection throws(SQLiteFault) in
                let tables = SQLiteHistoryTables(connection)
                if let newEpoch, newEpoch == epoch { try tables.begin(channel, epoch: epoch) }
                if isKept {
                    try tables.append(broadcast, to: channel, epoch: epoch, bounds: bounds)
                } else {
                    try tables.setAside(after: broadcast.offset, in: channel)
                }
                try projection?(connection, channel, broadcast)
            },
            finished: { result in
                switch result {
                case .success:
                    self.reserves.withLock { reserves in
                        let last = max(reserves[channel]?.last ?? 0, broadcast.offset)
                        reserves[channel]?.last = last
                        reserves[channel]?.end = broadcast.offset + SQLiteHistoryTables.reserve
                        reserves[channel]?.newEpoch = nil
                    }
                    then(nil)
                case .failure(let fault): then(fault.asPondError)
                }
            }
        )
    }

    public func read(
        _ channel: HistoryKey,
        after position: StreamPosition,
        maximumBytes: Int,
        on loop: EventLoop,
        then: @escaping @Sendable (Result<RecoveryDecision, PondError>) -> Void
    ) {
        let last = self.reserves.withLock { $0[channel]?.last }
        guard position.offset <= last ?? .max else { return then(.success(.impossible)) }
        let age = self.bounds.age
        self.database.read(
            on: loop,
            { connection throws(SQLiteFault) in
                try SQLiteHistoryTables(connection).read(channel, after: position, maximumBytes: maximumBytes, age: age)
            },
            finished: { then($0.mapError(\.asPondError)) }
        )
    }

    public func requests(
        of client: ClientID,
        in channel: HistoryKey,
        on loop: EventLoop,
        then: @escaping @Sendable (Result<[String], PondError>) -> Void
    ) {
        self.database.read(
            on: loop,
            { connection throws(SQLiteFault) in
                try SQLiteHistoryTables(connection).requests(of: client, in: channel, limit: Self.rememberedRequests)
            },
            finished: { then($0.mapError(\.asPondError)) }
        )
    }

    public func close(_ channel: HistoryKey, on loop: EventLoop) {
        guard let reserve = self.reserves.withLock({ $0.removeValue(forKey: channel) }), reserve.newEpoch == nil
        else { return }
        // What was set aside and not used is given back, so that numbering goes on without a gap.
        self.database.write(
            { connection throws(SQLiteFault) in
                try SQLiteHistoryTables(connection).giveBack(after: reserve.last, in: channel)
            },
            finished: { _ in }
        )
    }

    /// Notes the number of a broadcast that is not kept; whether more numbers must be set aside before it goes out.
    private func note(_ offset: UInt64, in channel: HistoryKey) -> Bool {
        self.reserves.withLock { reserves in
            guard let reserve = reserves[channel] else { return false }
            reserves[channel]?.last = max(reserve.last, offset)
            return offset >= reserve.end
        }
    }
}

extension HistoryBounds {
    /// Bounds for a history on a disk: ten thousand broadcasts of at most a week in each channel.
    public static let lasting = HistoryBounds(messages: 10_000, bytes: .max, age: .seconds(7 * 86_400))
}
