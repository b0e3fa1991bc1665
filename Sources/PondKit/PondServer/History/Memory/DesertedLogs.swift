import PondCore

/// The logs of a memory store, and in which order those without members were deserted.
struct DesertedLogs {
    private var logs: [HistoryKey: Entry] = [:]
    /// Every desertion in order; one whose number is not the entry's own any more is out of date.
    private var queue = Queue<(channel: HistoryKey, number: UInt64, since: MonotonicTime)>()
    private var number: UInt64 = 0

    private struct Entry {
        let log: MemoryHistoryLog
        var state: State
    }

    private enum State {
        /// Has members; can become deserted.
        case inUse
        /// Has none since its desertion of this number; can become in use again, or forgotten.
        case deserted(UInt64)
    }

    var count: Int { self.logs.count }

    /// The desertions remembered, those out of date too.
    var queueLength: Int { self.queue.count }

    func log(of channel: HistoryKey) -> MemoryHistoryLog? { self.logs[channel]?.log }

    /// The log of a channel that gets members.
    mutating func enter(_ channel: HistoryKey) -> MemoryHistoryLog? {
        self.logs[channel]?.state = .inUse
        return self.logs[channel]?.log
    }

    /// Adds a log that is in use, in the place of an older one; the bytes of that.
    mutating func add(_ log: MemoryHistoryLog, of channel: HistoryKey) -> Int {
        let old = self.logs.updateValue(Entry(log: log, state: .inUse), forKey: channel)
        return old?.log.ring.bytes ?? 0
    }

    /// The channel has no members any more.
    mutating func desert(_ channel: HistoryKey, now: MonotonicTime) {
        guard let entry = self.logs[channel], case .inUse = entry.state else { return }
        guard !entry.log.isUnused else {
            self.logs[channel] = nil
            return
        }
        self.number += 1
        self.logs[channel]?.state = .deserted(self.number)
        self.queue.append((channel, self.number, now))
        // Dropping what is out of date once it is most of the queue: coming and going often must cost no memory.
        guard self.queue.count > 2 * self.logs.count + 64 else { return }
        self.queue.removeAll { entry in
            guard case .deserted(entry.number)? = self.logs[entry.channel]?.state else { return true }
            return false
        }
    }

    /// Forgets what was deserted too long ago; the bytes that frees.
    mutating func forgetDeserted(longerThan age: Duration, now: MonotonicTime) -> Int {
        self.forget { $0.since + age < now }
    }

    /// Forgets the longest deserted until at most so many logs are left, or none is deserted; the bytes that frees.
    mutating func forgetDeserted(leaving maximum: Int) -> Int {
        var freed = 0
        while self.logs.count > maximum, let bytes = self.forgetOldest() { freed += bytes }
        return freed
    }

    /// Forgets the longest deserted until so many bytes are free, or none is deserted; the bytes that frees.
    mutating func forgetDeserted(bytes wanted: Int) -> Int {
        var freed = 0
        while freed < wanted, let bytes = self.forgetOldest() { freed += bytes }
        return freed
    }

    private mutating func forget(
        while isOver: ((channel: HistoryKey, number: UInt64, since: MonotonicTime)) -> Bool
    ) -> Int {
        var freed = 0
        while let next = self.queue.first, isOver(next) { freed += self.forgetNext() ?? 0 }
        return freed
    }

    /// Forgets the longest deserted log; `nil` when there is none.
    private mutating func forgetOldest() -> Int? {
        while !self.queue.isEmpty {
            if let bytes = self.forgetNext() { return bytes }
        }
        return nil
    }

    /// Takes the next of the queue; the bytes of its log, `nil` when it is out of date.
    private mutating func forgetNext() -> Int? {
        guard let (channel, number, _) = self.queue.popFirst() else { return nil }
        guard let entry = self.logs[channel], case .deserted(number) = entry.state else { return nil }
        self.logs[channel] = nil
        return entry.log.ring.bytes
    }
}
