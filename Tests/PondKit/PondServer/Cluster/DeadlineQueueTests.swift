import Testing

@testable import PondCore
@testable import PondServer

@Suite struct DeadlineQueueTests {
    @Test func givesEachOnceInOrderWhenItIsDue() {
        var queue = DeadlineQueue<Int>()
        for number in 0..<5_000 { queue.append(number, due: .zero + .milliseconds(number)) }
        #expect(queue.next == .zero)
        var taken: [Int] = []
        while let id = queue.popDue(now: .zero + .milliseconds(2_999)) { taken.append(id) }
        #expect(taken == Array(0..<3_000))
        #expect(queue.next == .zero + .milliseconds(3_000))
        queue.append(5_000, due: .zero)
        while let id = queue.popDue(now: .zero + .seconds(5)) { taken.append(id) }
        #expect(taken == Array(0...5_000))
        #expect(queue.next == nil)
    }
}
