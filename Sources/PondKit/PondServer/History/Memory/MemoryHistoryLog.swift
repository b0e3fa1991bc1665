import PondCore
internal import Synchronization

/// The latest broadcasts of one channel in memory, counted towards the bytes of a whole store.
///
/// `@unchecked Sendable`: `ring` is touched on the channel's loop only; the store lets go of a log only while it is closed.
final class MemoryHistoryLog: @unchecked Sendable {
    private(set) var ring: BroadcastRing
    /// Whether the channel had a member, who may know the epoch.
    var hadMembers = false
    /// The store's revision that what is kept is of.
    private var revision: UInt64 = 0
    private unowned let store: MemoryHistoryStore

    init(at position: StreamPosition, bounds: HistoryBounds, of store: MemoryHistoryStore) {
        self.ring = BroadcastRing(at: position, bounds: bounds)
        self.store = store
    }

    /// Whether nothing is lost with it: joins were refused, and nothing was ever said.
    var isUnused: Bool { !self.hadMembers && self.ring.last == 0 }

    func append(_ broadcast: StoredBroadcast, now: MonotonicTime) {
        self.changing { $0.append(broadcast, now: now) }
        if self.store.isOverfull { self.changing { $0.halve() } }
    }

    /// Forgets what is kept where the store behind it has changed it.
    func follow(revision: UInt64) {
        guard revision != self.revision else { return }
        self.revision = revision
        self.changing { $0.forgetAll() }
    }

    func recover(after position: StreamPosition, maximumBytes: Int, now: MonotonicTime) -> RecoveryDecision {
        self.changing { $0.expire(now: now) }
        return self.ring.recover(after: position, maximumBytes: maximumBytes)
    }

    private func changing(_ change: (inout BroadcastRing) -> Void) {
        let before = self.ring.bytes
        change(&self.ring)
        self.store.count(bytes: self.ring.bytes - before)
    }
}
