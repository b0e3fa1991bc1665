import PondTesting
import Testing

@testable import PondCore

@Suite struct QueueTests {
    /// Counts the instances that are alive.
    private final class Tracked {
        let number: Int
        private let alive: Counter

        init(_ number: Int, _ alive: Counter) {
            self.number = number
            self.alive = alive
            alive.value += 1
        }

        deinit { self.alive.value -= 1 }
    }

    private final class Counter { var value = 0 }

    @Test func returnsElementsInTheOrderTheyCame() {
        var queue: Queue<Int> = [1, 2]
        queue.append(3)
        #expect(queue.popFirst() == 1)
        queue.append(4)
        #expect(Array(queue) == [2, 3, 4])
        #expect(queue.popFirst(upTo: 2) == [2, 3])
        #expect(queue.popFirst(upTo: 2) == [4])
        #expect(queue.popFirst() == nil)
        #expect(queue.isEmpty)
    }

    @Test func releasesARemovedElementAtOnceAndShrinksWhileOneAlwaysWaits() {
        let alive = Counter()
        var queue = Queue<Tracked>()
        for number in 0..<10_000 { queue.append(Tracked(number, alive)) }
        #expect(queue.capacity >= 10_000)
        while queue.count > 1 { _ = queue.popFirst() }
        #expect(alive.value == 1)
        #expect(queue.capacity <= 8)
        for number in 0..<10_000 {
            queue.append(Tracked(number, alive))
            _ = queue.popFirst()
            #expect(alive.value == 1)
        }
        #expect(queue.capacity <= 8)
        #expect(queue.first?.number == 9_999)
        queue.removeAll()
        #expect(queue.capacity == 0 && alive.value == 0)
    }

    @Test func allocatesNothingWhileItsLengthStaysTheSame() {
        var queue: Queue<Int> = []
        for number in 0..<4 { queue.append(number) }
        let capacity = queue.capacity
        for number in 0..<1_000 {
            _ = queue.popFirst()
            queue.append(number)
            #expect(queue.capacity == capacity)
        }
    }

    @Test(arguments: 0..<40 as Range<UInt64>) func behavesLikeAnArray(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var queue = Queue<Int>()
        var array: [Int] = []
        for step in 0..<2_000 {
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<48:
                queue.append(step)
                array.append(step)
            case 48..<90: #expect(queue.popFirst() == (array.isEmpty ? nil : array.removeFirst()))
            case 90..<93:
                let limit = Int.random(in: 0...20, using: &random)
                #expect(queue.popFirst(upTo: limit) == Array(array.prefix(limit)))
                array.removeFirst(min(limit, array.count))
            case 93..<95:
                queue.removeAll { $0.isMultiple(of: 3) }
                array.removeAll { $0.isMultiple(of: 3) }
            case 95..<99:
                guard let index = array.indices.randomElement(using: &random) else { continue }
                queue[index] = -step
                array[index] = -step
            default: if Bool.random(using: &random) { (queue, array) = ([], []) }
            }
            #expect(queue.count == array.count)
            #expect(queue.capacity <= max(4, array.count * 4))
            #expect(queue.first == array.first && queue.last == array.last)
        }
        #expect(Array(queue) == array)
        #expect(queue == Queue(array) && queue.hashValue == Queue(array).hashValue)
    }
}
