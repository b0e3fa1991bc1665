import PondRuntime

/// Whether a database can be used, as far as its last reads and writes showed.
///
/// Shared by the threads of one database; a lock guards the state.
package final class SQLiteHealth: Sendable {
    private let state = Lock(State())

    package init() {}

    /// Why the database cannot be used; `nil` while it can.
    package var fault: SQLiteFault? { self.state.withLock(\.fault) }

    /// Notes how a read or a write ended.
    package func note(_ fault: SQLiteFault?, ofWrite isWrite: Bool) {
        self.state.withLock { $0.note(fault, ofWrite: isWrite) }
    }

    /// The faults that last. Pure.
    struct State: Sendable {
        /// Damage stays until a restart: other pages of a damaged file can still be read and written.
        private var damage: SQLiteFault?
        /// The fault of the last write; ends with the next success.
        private var ofWrites: SQLiteFault?
        /// The fault of the last read; ends with the next success.
        private var ofReads: SQLiteFault?

        var fault: SQLiteFault? { self.damage ?? self.ofWrites ?? self.ofReads }

        mutating func note(_ fault: SQLiteFault?, ofWrite isWrite: Bool) {
            switch fault?.kind {
            case .corrupt, .cannotOpen: self.damage = fault
            // Neither says anything about the file.
            case .constraint, .misuse, .closed: return
            // A reader that has to wait is no fault of the database.
            case .busy where !isWrite: return
            case nil, .full, .readOnly, .busy, .inputOutput:
                if isWrite { self.ofWrites = fault } else { self.ofReads = fault }
            }
        }
    }
}
