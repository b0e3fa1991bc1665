import Testing

@testable import PondServer

@Suite struct SendQueueTests {
    @Test func whatWaitedAndThenLastsKeepsItsPlace() {
        let lane = SendQueue()
        var ends: [() -> Void] = []
        var order: [Int] = []
        lane.hold { ends.append($0) }
        lane.pass {
            order.append(1)
            lane.hold { done in
                order.append(2)
                ends.append(done)
            }
        }
        lane.pass { order.append(3) }
        #expect(order == [])
        ends[0]()
        #expect(order == [1, 2])
        ends[1]()
        #expect(order == [1, 2, 3])
        #expect(!lane.isBusy)
        lane.pass { order.append(4) }
        #expect(order == [1, 2, 3, 4])
    }

    @Test func somethingThatLastsHoldsBackWhatComesAfterItAndNothingBefore() {
        let lane = SendQueue()
        var ends: [() -> Void] = []
        var order: [String] = []
        for name in ["a", "b"] {
            lane.hold { done in
                order.append("begin \(name)")
                ends.append(done)
            }
            lane.pass { order.append("after \(name)") }
        }
        #expect(order == ["begin a"])
        ends[0]()
        #expect(order == ["begin a", "after a", "begin b"])
        #expect(lane.isBusy)
        ends[1]()
        #expect(order == ["begin a", "after a", "begin b", "after b"])
        #expect(!lane.isBusy)
    }
}
