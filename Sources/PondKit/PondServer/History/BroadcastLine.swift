import PondCore

/// Gives broadcasts their numbers and lets them out in that order, each when its store has it.
struct BroadcastLine: Sendable {
    /// The last number given out.
    private(set) var last: UInt64
    private var waiting = Queue<Entry>()

    private struct Entry: Sendable {
        let broadcast: StoredBroadcast
        var state = State.storing
    }

    private enum State: Sendable {
        /// On its way into the store; can become stored or failed.
        case storing
        /// In the store, and goes out when all before it are settled.
        case stored
        /// Not in the store, and never goes out.
        case failed(PondError)
    }

    /// A line that goes on after `last`.
    init(after last: UInt64) { self.last = last }

    /// The number of broadcasts that have not gone out.
    var count: Int { self.waiting.count }

    /// The number up to which everything is settled.
    var settled: UInt64 { self.waiting.first.map { $0.broadcast.offset - 1 } ?? self.last }

    /// The number of the next broadcast.
    mutating func number() -> UInt64 {
        self.last += 1
        return self.last
    }

    /// A numbered broadcast is on its way into the store.
    mutating func storing(_ broadcast: StoredBroadcast) { self.waiting.append(Entry(broadcast: broadcast)) }

    /// What a broadcast at the head of the line became.
    enum Outcome: Sendable, Hashable {
        /// It goes out to members now.
        case goesOut(StoredBroadcast)
        /// It is as if it had never been.
        case failed(StoredBroadcast, PondError)
    }

    /// The store took a broadcast or could not. Returns what is settled by that, in order.
    mutating func stored(_ offset: UInt64, _ error: PondError?) -> [Outcome] {
        guard let index = self.waiting.firstIndex(where: { $0.broadcast.offset == offset }) else {
            return []
        }
        self.waiting[index].state = error.map(State.failed) ?? .stored
        var outcomes: [Outcome] = []
        while let entry = self.waiting.first {
            switch entry.state {
            case .storing: return outcomes
            case .stored: outcomes.append(.goesOut(entry.broadcast))
            case .failed(let error): outcomes.append(.failed(entry.broadcast, error))
            }
            _ = self.waiting.popFirst()
        }
        return outcomes
    }
}
