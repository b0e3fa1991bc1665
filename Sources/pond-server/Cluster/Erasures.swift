import PondKit

/// Lets Redis take back what the tables took back, in the order in which they did.
final class Erasures: Sendable {
    private enum State {
        /// Nothing is on its way. Can become `running`.
        case idle
        /// Redis is being told. Can become `runningAgain` or `idle`.
        case running
        /// Redis is being told, and something may have been taken back since. Can become `running`.
        case runningAgain
    }

    private let store: ChatStore
    /// `false` where Redis does not answer.
    private let erase: @Sendable (ChatTables.Unerased) async -> Bool
    private let state = Lock(State.idle)

    init(of store: ChatStore, by erase: @escaping @Sendable (ChatTables.Unerased) async -> Bool) {
        self.store = store
        self.erase = erase
    }

    /// Tells Redis if there is something to tell.
    func soon() {
        Task { await self.run() }
    }

    /// Tells Redis if there is something to tell; returns at once where that goes on already, and is done again.
    func run() async {
        // Two at once could leave in Redis what the earlier one of two edits says.
        let begins = self.state.withLock { state in
            defer { state = state == .idle ? .running : .runningAgain }
            return state == .idle
        }
        guard begins else { return }
        repeat {
            await self.tell()
        } while self.state.withLock { state in
            defer { state = state == .runningAgain ? .running : .idle }
            return state == .runningAgain
        }
    }

    private func tell() async {
        guard self.store.redactions.takeUntold() else { return }
        while true {
            // Asked of the writer: what is noted now may be of a transaction that no reader sees yet.
            let waiting = try? await self.store.write { (tables: ChatTables) throws(SQLiteFault) in
                try tables.unerased()
            }
            guard let waiting else { return self.store.redactions.staysUntold() }
            if waiting.isEmpty { return }
            var done: [ChatTables.Unerased] = []
            for unerased in waiting where await self.erase(unerased) { done.append(unerased) }
            let finished = done
            let isNoted: Void? = try? await self.store.write { (tables: ChatTables) throws(SQLiteFault) in
                for unerased in finished { try tables.forget(unerased) }
            }
            guard isNoted != nil, finished.count == waiting.count else { return self.store.redactions.staysUntold() }
        }
    }
}
