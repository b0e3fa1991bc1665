import PondKit
import Testing

@testable import pond_server

@Suite struct AttemptTableTests {
    @Test("Failures are forgiven steadily, successes never count, and the table is bounded")
    func attempts() {
        var table = AttemptTable(rate: 1, capacity: 3, keys: 10)
        let now = MonotonicTime(nanoseconds: 1)
        #expect(table.wait("a", now: now) == nil)
        for _ in 0..<3 { table.failed("a", now: now) }
        #expect(table.wait("a", now: now) == 1)
        #expect(table.wait("a", now: now) == 1, "asking costs nothing")
        #expect(table.wait("b", now: now) == nil)
        #expect(table.wait("a", now: now + .seconds(1)) == nil)
        for number in 0..<1_000 { for _ in 0..<3 { table.failed("x\(number)", now: now) } }
        #expect(table.wait("a", now: now) != nil && table.wait("x999", now: now) == nil)
        table.failed("late", now: now + .seconds(10))
        for _ in 0..<2 { table.failed("late", now: now + .seconds(10)) }
        #expect(table.wait("late", now: now + .seconds(10)) != nil)
    }
}
