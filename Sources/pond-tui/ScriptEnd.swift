/// The end of a script: after the end of its input it waits until everything it wrote is confirmed or cannot be. Pure.
struct ScriptEnd: Hashable, Sendable {
    /// What shows that waiting is of use.
    private struct Progress: Hashable {
        var waiting: Int
        var joined: Int
        var isConnected: Bool
    }

    private var progress: Progress?
    private var progressAt: WallTime

    /// After this many milliseconds without progress a script ends.
    static let patience: Int64 = 10_000

    static let wrongUsage: Int32 = 64
    static let unreachable: Int32 = 69
    static let undelivered: Int32 = 75
    static let declined: Int32 = 77

    /// The input ended `now`.
    init(at now: WallTime) { self.progressAt = now }

    /// When the patience ends, unless there is progress.
    var deadline: WallTime { self.progressAt + Self.patience }

    /// The exit code, or `nil` while there is something to wait for.
    mutating func exitCode(_ model: Model, at now: WallTime) -> Int32? {
        let own = Self.unconfirmed(model)
        let stuck = Set(own.filter { !Self.isActive($0) }.map(\.id))
        let waiting = own.filter { Self.isActive($0) && !($0.needs.map(stuck.contains) ?? false) }
        let isConnected = model.connection.state == .connected
        if !isConnected, model.connection.refusal != nil { return Self.declined }
        // A room that declined, or that the user was removed from, takes nothing any more.
        let closed = Set(model.rooms.filter { $0.state == .declined || $0.state == .closed }.map(\.name))
        if isConnected, !own.isEmpty, own.allSatisfy({ closed.contains($0.room) }) { return Self.declined }
        if isConnected, waiting.isEmpty, model.rooms.allSatisfy({ $0.state != .joining && $0.state != .idle }),
            // Without its token the user's name would be taken for the next run.
            model.identity != nil || now - self.progressAt >= 1_000
        {
            if !own.isEmpty { return Self.undelivered }
            if !model.rooms.isEmpty, model.rooms.allSatisfy({ $0.state == .declined }) { return Self.declined }
            return model.rejectedLines > 0 ? Self.wrongUsage : 0
        }
        let progress = Progress(
            waiting: waiting.count,
            joined: model.rooms.count { $0.state == .joined },
            isConnected: isConnected
        )
        if progress != self.progress {
            self.progress = progress
            self.progressAt = now
        }
        // A server that asks for a pause is waited for.
        let release = waiting.compactMap { entry in
            if case .queued(let notBefore) = entry.state { notBefore } else { nil }
        }.max()
        if isConnected, let release { self.progressAt = max(self.progressAt, release) }
        guard now - self.progressAt >= Self.patience else { return nil }
        return isConnected ? Self.undelivered : Self.unreachable
    }

    /// What this run wrote and the server has not confirmed.
    static func unconfirmed(_ model: Model) -> [OutboxEntry] {
        model.outbox.entries.filter { $0.id.hasPrefix(model.idSeed + "-") }
    }

    /// Says what was not delivered, and why; `nil` when everything was.
    static func report(_ model: Model) -> String? {
        let entries = Self.unconfirmed(model)
        guard !entries.isEmpty else { return nil }
        let count = entries.count == 1 ? "1 message was" : "\(entries.count) messages were"
        let lines = entries.map { entry -> String in
            let room = model.index(of: entry.room).map { model.rooms[$0] }
            let title = TextSanitiser.plain(room?.title ?? entry.room)
            return
                "\(title)\t\(TextSanitiser.plain(entry.text))\t(\(TextSanitiser.plain(Self.reason(entry, room, model))))"
        }
        return "pond-tui: \(count) not delivered and will not be sent later:\n" + lines.map { $0 + "\n" }.joined()
    }

    private static func reason(_ entry: OutboxEntry, _ room: Room?, _ model: Model) -> String {
        if case .failed(let reason) = entry.state { return reason }
        if model.connection.state != .connected {
            let reason = model.connection.reason ?? "no connection to \(model.url)"
            return reason + (entry.mayHaveArrived ? "; it may have arrived" : "")
        }
        if let room, room.state == .declined || room.state == .closed {
            return "\(room.title) is \(room.state.rawValue)" + (room.stateReason.map { ": \($0)" } ?? "")
        }
        return entry.mayHaveArrived ? "not confirmed; it may have arrived" : "not sent"
    }

    private static func isActive(_ entry: OutboxEntry) -> Bool {
        switch entry.state {
        case .queued, .sending: true
        case .failed, .held: false
        }
    }
}
