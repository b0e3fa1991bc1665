import PondTestSupport
import Testing

@testable import PondClient
@testable import PondCore

@Suite struct PendingRequestsTests {
    @Test func answersEachRequestOnceByItsIdAlone() {
        var pending = PendingRequests<Int>()
        expect(pending.add("a", 1, deadline: .zero + .seconds(5)), is: true)
        expect(pending.add("b", 2, deadline: .zero + .seconds(3)), is: true)
        expect(pending.add("a", 3, deadline: .zero), is: false)
        #expect(pending.nextDeadline == .zero + .seconds(3))
        expect(pending.remove("b"), is: 2)
        expect(pending.remove("b"), is: nil)
        #expect(pending.nextDeadline == .zero + .seconds(5))
    }

    @Test func givesUpWhatIsOverAndNothingElse() {
        var pending = PendingRequests<Int>()
        for index in 1...3 { _ = pending.add("\(index)", index, deadline: .zero + .seconds(index)) }
        expect(pending.expired(now: .zero + .seconds(2)).map(\.waiter), is: [1, 2])
        expect(pending.removeAll().map(\.waiter), is: [3])
        #expect(pending.isEmpty)
    }

    @Test func neverHoldsMoreThanItsBound() {
        var pending = PendingRequests<Int>(bound: 2)
        expect((0..<4).map { pending.add("\($0)", $0, deadline: .zero) }, is: [true, true, false, false])
    }
}
