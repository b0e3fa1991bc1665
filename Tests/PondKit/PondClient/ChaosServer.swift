import Foundation

@testable import PondCore
@testable import PondNet
@testable import PondRuntime
@testable import PondSQLite
@testable import PondServer

/// The server of a chaotic world, with rooms whose history is in memory or in a file that outlives it.
final class ChaosServer: Sendable {
    private struct Life {
        let pond: PondSocket
        let store: SQLiteHistoryStore?
        let port: Int
    }

    /// Where the history is kept, if it is to survive.
    private let file: String?
    private let life: Lock<Life>
    private let record: Record

    /// What happened in every life.
    private final class Record: Sendable {
        let handled = Lock<[String: [ChaosWorld.Mark]]>([:])
        let joins = Lock(0)
        let leaves = Lock(0)
        let crashes = Lock(0)
    }

    init(isOnDisk: Bool) async throws {
        let folder = FileManager.default.temporaryDirectory.path
        let file = isOnDisk ? "\(folder)/pond-chaos-\(UUID().uuidString).db" : nil
        let record = Record()
        self.file = file
        self.record = record
        self.life = Lock(try await Self.begin(file, record))
    }

    var port: Int { self.life.withLock { $0.port } }
    var joins: Int { self.record.joins.withLock { $0 } }
    var leaves: Int { self.record.leaves.withLock { $0 } }
    var crashes: Int { self.record.crashes.withLock { $0 } }

    private static func begin(_ file: String?, _ record: Record) async throws -> Life {
        var options = PondOptions()
        options.log = SilentLog()
        // A history that reaches back over the longest outage: what it could not give back would count as lost.
        options.limits.historyMessages = 1_000_000
        options.limits.historyBytes = 1 << 30
        let pond = PondSocket(options: options)
        let endpoint = try pond.createEndpoint("/socket") { $0.accept() }
        let lobby = try endpoint.createChannel("/durable/:id") { context in
            let isGuest = context.joinParams["guest"] == true
            if !isGuest { record.joins.withLock { $0 += 1 } }
            context.accept(assigns: ["guest": .bool(isGuest)])
            try context.track(["username": isGuest ? "guest" : "u"])
        }
        let bounds = HistoryBounds(messages: .max / 2, bytes: .max, age: .seconds(86_400))
        let store = try file.map { try SQLiteHistoryStore(file: $0, bounds: bounds) }
        lobby.keepHistory(in: store)
        lobby.onLeave { context in
            if context.user.assigns["guest"] != true { record.leaves.withLock { $0 += 1 } }
        }
        try lobby.onMessage("message") { context in
            let mark = ChaosWorld.Mark(context.payload)
            record.handled.withLock { $0[context.channelName, default: []].append(mark) }
            context.broadcast("message", context.payload)
        }
        pond.start(threads: 2)
        let address = try await pond.listen(port: 0)
        return Life(pond: pond, store: store, port: address.port ?? 0)
    }

    /// Ends without a word, like a process that is killed, and begins again on another port.
    func crash() async throws {
        let old = self.life.withLock { $0 }
        // What reached the disk is there, what did not is not, and the numbers set aside are not given back.
        await old.store?.close()
        self.record.crashes.withLock { $0 += 1 }
        let new = try await Self.begin(self.file, self.record)
        self.life.withLock { $0 = new }
        await old.pond.stop()
    }

    /// The messages of each channel in their order: those that the file has, else those that were handled.
    ///
    /// A message that was handled and not stored when the server died is rightly handled again.
    func applied() async throws -> [String: [ChaosWorld.Mark]] {
        guard let path = self.file else { return self.record.handled.withLock { $0 } }
        let migrations = SQLiteMigrations(applicationID: 0x506F_6E48, steps: SQLiteHistoryTables.steps)
        let file = try SQLiteDatabase(.file(path), migrations: migrations)
        let applied = try await file.read { (connection: SQLiteConnection) throws(SQLiteFault) in
            var applied: [String: [ChaosWorld.Mark]] = [:]
            try connection.rows(
                "SELECT channel, payload FROM broadcasts JOIN streams ON id = stream ORDER BY stream, offset",
                []
            ) { (row: borrowing SQLiteRow) throws(SQLiteFault) in
                applied[row.text(0), default: []].append(ChaosWorld.Mark(Payload(validated: row.bytes(1))))
                return true
            }
            return applied
        }
        await file.close()
        return applied
    }

    func stop() async {
        let life = self.life.withLock { $0 }
        await life.pond.stop()
        await life.store?.close()
        for suffix in ["", "-wal", "-shm"] {
            if let file = self.file { try? FileManager.default.removeItem(atPath: file + suffix) }
        }
    }
}
