import PondCore

/// One change of presence as v1 members receive it, with the full list each time.
package struct PresenceAnnouncement: Sendable {
    var event: PresenceEvent
    let key: String
    /// The value as JSON text; of a LEAVE, the last value.
    var text: [UInt8]

    /// Roughly the bytes that it holds while it waits.
    var size: Int { 128 + self.key.utf8.count + self.text.count }
}

/// Changes of presence that wait because the next full list cannot be sent yet, in the order in which they happened.
///
/// Every message carries the newest list, so a later message also shows what an earlier change did. That is why an
/// UPDATE replaces the waiting JOIN's or UPDATE's value of the same key, a LEAVE removes a waiting UPDATE, and a change
/// that has waited for too long, or that exceeds the bound, is dropped. Pure.
package struct PresenceQueue {
    private var waiting: [Int: (announcement: PresenceAnnouncement, since: MonotonicTime)] = [:]
    /// The number of the last waiting change of each key.
    private var last: [String: Int] = [:]
    /// The number of the oldest change that may wait, and of the next one that is added.
    private var head = 0
    private var next = 0
    private(set) var bytes = 0

    var isEmpty: Bool { self.waiting.isEmpty }
    var count: Int { self.waiting.count }

    /// Adds a change; drops the oldest ones while more than `limit` bytes wait.
    mutating func append(_ announcement: PresenceAnnouncement, limit: Int, now: MonotonicTime) {
        if let place = self.last[announcement.key], let earlier = self.waiting[place] {
            switch (earlier.announcement.event, announcement.event) {
            case (.join, .update), (.update, .update): return self.replace(place, announcement.text)
            case (.update, .leave): self.remove(place)
            default: break
            }
        }
        self.waiting[self.next] = (announcement, now)
        self.last[announcement.key] = self.next
        self.next += 1
        self.bytes += announcement.size
        while self.bytes > limit, self.waiting.count > 1 { self.removeFirst() }
    }

    /// Takes the next change; skips those that have waited for longer than `delay` while a later change follows them.
    mutating func popFirst(delay: Duration, now: MonotonicTime) -> PresenceAnnouncement? {
        while let first = self.removeFirst() {
            if self.waiting.isEmpty || now - first.since <= delay { return first.announcement }
        }
        return nil
    }

    /// Makes a change that could not be sent the first one again.
    mutating func putBack(_ announcement: PresenceAnnouncement, now: MonotonicTime) {
        let place = self.last[announcement.key]
        if announcement.event == .update, place != nil { return }
        self.head -= 1
        self.waiting[self.head] = (announcement, now)
        if place == nil { self.last[announcement.key] = self.head }
        self.bytes += announcement.size
    }

    private mutating func replace(_ place: Int, _ text: [UInt8]) {
        guard var found = self.waiting[place] else { return }
        self.bytes += text.count - found.announcement.text.count
        found.announcement.text = text
        self.waiting[place] = found
    }

    @discardableResult
    private mutating func removeFirst() -> (announcement: PresenceAnnouncement, since: MonotonicTime)? {
        while self.head < self.next {
            let place = self.head
            self.head += 1
            if let found = self.remove(place) { return found }
        }
        return nil
    }

    @discardableResult
    private mutating func remove(_ place: Int) -> (announcement: PresenceAnnouncement, since: MonotonicTime)? {
        guard let found = self.waiting.removeValue(forKey: place) else { return nil }
        self.bytes -= found.announcement.size
        if self.last[found.announcement.key] == place { self.last[found.announcement.key] = nil }
        return found
    }
}

/// The bytes of full presence lists that one channel may still send: a second's worth at once, then at a steady rate.
///
/// A list that is larger than the budget is sent, too, and paid for afterwards. Pure.
package struct PresenceBudget {
    /// The time at which everything sent so far is paid for.
    private var paid = MonotonicTime.zero

    /// The time to wait until a list may be sent; `nil` when it may be sent now.
    func wait(now: MonotonicTime) -> Duration? {
        let debt = self.paid - now
        return debt > .seconds(1) ? debt - .seconds(1) : nil
    }

    /// Pays for a list; the debt never delays the next list by more than `delay`.
    mutating func pay(_ bytes: Int, perSecond rate: Int, delay: Duration, now: MonotonicTime) {
        let time = rate > 0 ? Duration.seconds(clamping: Double(bytes) / Double(rate)) : delay
        self.paid = max(self.paid, now) + min(time, delay)
    }
}

/// Paces the full presence lists of a channel.
struct PresenceLists {
    var queue = PresenceQueue()
    var budget = PresenceBudget()
    /// Whether a timer will send what waits.
    var isScheduled = false
}

/// One full list, and the change that it announces.
struct FullPresenceList: Sendable {
    let announcement: PresenceAnnouncement
    let frame: Frame
}
