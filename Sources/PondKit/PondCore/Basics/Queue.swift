/// A first-in-first-out queue with random access, whose memory follows the number of elements that wait.
///
/// `append` and `popFirst` take amortised constant time. A removed element is released at once. The storage is a ring
/// that doubles when it is full and halves when three quarters of it are free, so it shrinks again while one element
/// always waits.
package struct Queue<Element> {
    /// A ring whose length is zero or a power of two.
    private var slots: ContiguousArray<Element?> = []
    /// The slot of the oldest element.
    private var head = 0
    package private(set) var count = 0

    /// The smallest ring. It is kept while the queue is empty, so that one element at a time allocates nothing.
    private static var minimumCapacity: Int { 4 }

    package init() {}

    package init(_ elements: some Sequence<Element>) {
        for element in elements { self.append(element) }
    }

    /// The number of elements that fit without an allocation.
    package var capacity: Int { self.slots.count }

    package mutating func append(_ element: Element) {
        if self.count == self.slots.count { self.resize(to: Swift.max(Self.minimumCapacity, self.count * 2)) }
        self.slots[self.slot(self.count)] = element
        self.count += 1
    }

    /// Removes the oldest element.
    package mutating func popFirst() -> Element? {
        guard self.count > 0 else { return nil }
        let element = self.slots[self.head].take()
        self.head = (self.head + 1) & (self.slots.count - 1)
        self.count -= 1
        if self.slots.count > Self.minimumCapacity, self.count * 4 <= self.slots.count {
            self.resize(to: self.slots.count / 2)
        }
        return element
    }

    /// Removes up to `limit` of the oldest elements and returns them in order.
    package mutating func popFirst(upTo limit: Int) -> [Element] {
        var taken: [Element] = []
        taken.reserveCapacity(Swift.min(limit, self.count))
        while taken.count < limit, let element = self.popFirst() { taken.append(element) }
        return taken
    }

    /// Removes every element and releases the storage.
    package mutating func removeAll() { self = Queue() }

    package mutating func removeAll(where isRemoved: (Element) throws -> Bool) rethrows {
        self = Queue(try self.filter { try !isRemoved($0) })
    }

    private func slot(_ index: Int) -> Int { (self.head + index) & (self.slots.count - 1) }

    private mutating func resize(to capacity: Int) {
        var slots = ContiguousArray<Element?>()
        slots.reserveCapacity(capacity)
        for index in 0..<self.count { slots.append(self.slots[self.slot(index)].take()) }
        slots.append(contentsOf: repeatElement(nil, count: capacity - self.count))
        self.slots = slots
        self.head = 0
    }
}

extension Queue: RandomAccessCollection, MutableCollection {
    package var startIndex: Int { 0 }
    package var endIndex: Int { self.count }

    /// The element `index` places behind the oldest one.
    package subscript(index: Int) -> Element {
        get {
            guard self.indices.contains(index), let element = self.slots[self.slot(index)] else {
                preconditionFailure("index \(index) is outside a queue of \(self.count) elements")
            }
            return element
        }
        set {
            precondition(self.indices.contains(index), "index \(index) is outside a queue of \(self.count) elements")
            self.slots[self.slot(index)] = newValue
        }
    }
}

extension Queue: ExpressibleByArrayLiteral {
    package init(arrayLiteral elements: Element...) { self.init(elements) }
}

extension Queue: Sendable where Element: Sendable {}

extension Queue: Equatable where Element: Equatable {
    package static func == (left: Queue, right: Queue) -> Bool { left.elementsEqual(right) }
}

extension Queue: Hashable where Element: Hashable {
    package func hash(into hasher: inout Hasher) {
        hasher.combine(self.count)
        for element in self { hasher.combine(element) }
    }
}
