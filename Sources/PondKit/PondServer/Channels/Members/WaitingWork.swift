import PondCore

/// The entries and bytes of work that waits. Pure.
struct WaitingWork: Sendable, Hashable {
    private(set) var count = 0
    private(set) var bytes = 0

    mutating func add(_ size: Int) {
        self.count += 1
        self.bytes += size
    }

    mutating func remove(_ size: Int) {
        self.count -= 1
        self.bytes -= size
    }

    mutating func remove(_ other: WaitingWork) {
        self.count -= other.count
        self.bytes -= other.bytes
    }

    /// Whether one more entry of this size stays within the limits.
    func hasRoom(for size: Int, count: Int, bytes: Int) -> Bool {
        self.count < count && self.bytes < bytes && size <= bytes - self.bytes
    }
}

/// The waiting work of all members and channels of one loop. Confined to the loop.
final class LoopWork {
    var total = WaitingWork()

    /// Whether one more entry of this size stays within the limits of a loop.
    func hasRoom(for size: Int, _ limits: Limits) -> Bool {
        self.total.hasRoom(for: size, count: limits.pendingMessages, bytes: limits.pendingBytes)
    }
}
