import PondTesting
import Testing

@testable import PondCore
@testable import PondRuntime

@Suite struct TimerHeapTests {
    /// The heap against a plain list, through random arming, moving, cancelling and firing.
    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
    func firesWhatAPlainListWouldFireInTheSameOrder(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var heap = TimerHeap()
        var model: [(id: TimerID, due: UInt64, tag: Int)] = []
        let fired = Fired()
        var now: UInt64 = 0
        for tag in 0..<3000 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<5:
                let due = now + UInt64.random(in: 0..<50, using: &random)
                let id = heap.add(due: MonotonicTime(nanoseconds: due)) { fired.tags.append(tag) }
                model.append((id, due, tag))
            case 5..<7:
                guard let index = model.indices.randomElement(using: &random) else { continue }
                let removals = [heap.remove(model[index].id), heap.remove(model[index].id)]
                #expect(removals == [true, false])
                model.remove(at: index)
            case 7..<9:
                guard let index = model.indices.randomElement(using: &random) else { continue }
                let due = now + UInt64.random(in: 0..<50, using: &random)
                let moved = heap.move(model[index].id, due: MonotonicTime(nanoseconds: due))
                #expect(moved)
                model[index].due = due
            default:
                now += UInt64.random(in: 0..<30, using: &random)
                fired.tags = []
                while let body = heap.takeDue(at: MonotonicTime(nanoseconds: now), before: heap.horizon) { body() }
                let due = model.filter { $0.due <= now }.sorted { ($0.due, $0.tag) < ($1.due, $1.tag) }
                #expect(fired.tags == due.map(\.tag), "seed \(seed)")
                model.removeAll { $0.due <= now }
            }
            #expect(heap.count == model.count)
        }
    }

    @Test func aTimerIdOfATimerThatFiredNamesNoLaterTimer() {
        var heap = TimerHeap()
        let first = heap.add(due: .zero) {}
        let body = heap.takeDue(at: .zero, before: heap.horizon)
        #expect(body != nil)
        let second = heap.add(due: .zero) {}
        #expect(first != second)
        let removed = heap.remove(first)
        #expect(!removed)
        #expect(heap.count == 1)
    }

    private final class Fired { var tags: [Int] = [] }
}
