/// The pane of both state machines: what it shows beside their states.
struct MachinePane: Hashable, Sendable {
    var isOpen = false
    /// How many of the newest changes are scrolled past in the log.
    var logOffset = 0
    /// The room whose machine is shown; `nil` follows the room shown.
    var room: String?
    /// How the own connection is broken on purpose.
    var fault: LinkFault?
    /// The last round trips in milliseconds, oldest first.
    private(set) var lags: [Int] = []

    private static let lagCapacity = 40

    mutating func note(lag milliseconds: Int) {
        self.lags.append(milliseconds)
        if self.lags.count > Self.lagCapacity { self.lags.removeFirst() }
    }
}

extension Model {
    /// The room whose machine the pane shows.
    var machineRoom: Room? {
        self.machines.room.flatMap { self.index(of: $0) }.map { self.rooms[$0] } ?? self.current
    }

    /// The last transition of a machine, `nil` as the room being the connection; none before the second state.
    func lastTransition(of room: String?) -> (from: String, to: String)? {
        let states = self.stateLog.reversed().lazy
            .filter { $0.room == room && $0.isTransition }.map(\.state)
        guard let to = states.first, let from = states.first(where: { $0 != to }) else { return nil }
        return (from, to)
    }

    /// When the time in a state, as the pane shows it, changes: every second in the first minute, then every minute.
    var nextMachineTick: WallTime? {
        guard self.machines.isOpen else { return nil }
        let sinces = [self.connection.since, self.machineRoom?.stateSince].compactMap(\.self)
        return sinces.map { since in
            let age = max(0, self.now - since)
            let step: Int64 = age < 60_000 ? 1_000 : 60_000
            return since + (age / step + 1) * step
        }.min()
    }
}

/// How the own connection is broken on purpose; the raw value is the word of `/fault`.
enum LinkFault: String, Hashable, Sendable {
    /// The socket is closed, and no new one opens.
    case cut
    /// The socket stays open, and nothing passes in either direction.
    case frozen = "freeze"
}
