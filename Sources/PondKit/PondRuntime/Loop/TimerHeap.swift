import PondCore

/// The timers of one loop: a binary heap that knows where each timer stands, so that cancelling leaves no garbage.
///
/// Arming, cancelling and moving cost O(log n); memory follows the most timers that were ever armed at once.
struct TimerHeap {
    private struct Entry {
        let due: MonotonicTime
        /// The timer's serial number above its slot: timers with the same time fire in the order they were armed in.
        let number: UInt64

        var slot: Int { Int(self.number & (1 << TimerHeap.slotBits - 1)) }
        var serial: UInt64 { self.number >> TimerHeap.slotBits }

        func isBefore(_ other: Entry) -> Bool {
            self.due == other.due ? self.number < other.number : self.due < other.due
        }
    }

    private struct Slot {
        var serial: UInt64
        /// Index in `heap`; the next free slot while `body` is nil.
        var position: Int
        var body: (() -> Void)?
    }

    private static let slotBits: UInt64 = 24
    private static let none = -1

    private var heap: ContiguousArray<Entry> = []
    private var slots: ContiguousArray<Slot> = []
    private var firstFree = Self.none
    private var nextSerial: UInt64 = 1

    var count: Int { self.heap.count }

    /// When the next timer is due.
    var earliest: MonotonicTime? { self.heap.first?.due }

    /// What the next timer to be armed will be numbered; `takeDue` can be told to leave later ones alone.
    var horizon: UInt64 { self.nextSerial }

    mutating func add(due: MonotonicTime, _ body: @escaping () -> Void) -> TimerID {
        let serial = self.nextSerial
        self.nextSerial += 1
        let slot: Int
        if self.firstFree == Self.none {
            slot = self.slots.count
            self.slots.append(Slot(serial: serial, position: self.heap.count, body: body))
        } else {
            slot = self.firstFree
            self.firstFree = self.slots[slot].position
            self.slots[slot] = Slot(serial: serial, position: self.heap.count, body: body)
        }
        let number = serial << Self.slotBits | UInt64(slot)
        self.heap.append(Entry(due: due, number: number))
        self.siftUp(from: self.heap.count - 1)
        return TimerID(number: number)
    }

    /// Takes a timer out; false when it fired or was taken out before.
    @discardableResult
    mutating func remove(_ timer: TimerID) -> Bool {
        guard let slot = self.slot(of: timer) else { return false }
        self.removeEntry(at: self.slots[slot].position)
        self.free(slot)
        return true
    }

    /// Gives a timer another time; false when it fired or was taken out before.
    mutating func move(_ timer: TimerID, due: MonotonicTime) -> Bool {
        guard let slot = self.slot(of: timer) else { return false }
        let position = self.slots[slot].position
        let old = self.heap[position]
        self.heap[position] = Entry(due: due, number: old.number)
        if due < old.due { self.siftUp(from: position) } else { self.siftDown(from: position) }
        return true
    }

    /// Takes out the first timer that is due at `now` and was armed before `horizon`.
    mutating func takeDue(at now: MonotonicTime, before horizon: UInt64) -> (() -> Void)? {
        guard let first = self.heap.first, first.due <= now, first.serial < horizon else { return nil }
        let body = self.slots[first.slot].body
        self.removeEntry(at: 0)
        self.free(first.slot)
        return body
    }

    private func slot(of timer: TimerID) -> Int? {
        let slot = Int(timer.number & (1 << Self.slotBits - 1))
        guard slot < self.slots.count else { return nil }
        let found = self.slots[slot]
        return found.body != nil && found.serial == timer.number >> Self.slotBits ? slot : nil
    }

    private mutating func free(_ slot: Int) {
        self.slots[slot] = Slot(serial: 0, position: self.firstFree, body: nil)
        self.firstFree = slot
    }

    private mutating func removeEntry(at position: Int) {
        let last = self.heap.removeLast()
        guard position < self.heap.count else { return }
        let removed = self.heap[position]
        self.place(last, at: position)
        if last.isBefore(removed) { self.siftUp(from: position) } else { self.siftDown(from: position) }
    }

    private mutating func place(_ entry: Entry, at position: Int) {
        self.heap[position] = entry
        self.slots[entry.slot].position = position
    }

    private mutating func siftUp(from start: Int) {
        let entry = self.heap[start]
        var position = start
        while position > 0 {
            let parent = (position - 1) / 2
            guard entry.isBefore(self.heap[parent]) else { break }
            self.place(self.heap[parent], at: position)
            position = parent
        }
        self.place(entry, at: position)
    }

    private mutating func siftDown(from start: Int) {
        let entry = self.heap[start]
        var position = start
        while true {
            var child = 2 * position + 1
            guard child < self.heap.count else { break }
            if child + 1 < self.heap.count, self.heap[child + 1].isBefore(self.heap[child]) { child += 1 }
            guard self.heap[child].isBefore(entry) else { break }
            self.place(self.heap[child], at: position)
            position = child
        }
        self.place(entry, at: position)
    }
}
