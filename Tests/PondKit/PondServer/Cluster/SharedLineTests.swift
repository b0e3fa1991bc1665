import PondTesting
import Testing

@testable import PondCore
@testable import PondServer

@Suite struct SharedLineTests {
    private static let epoch = "e"
    private let start = MonotonicTime.zero

    private func broadcast(_ offset: UInt64) -> StoredBroadcast {
        StoredBroadcast(offset: offset, event: "e\(offset)", requestId: "r", recipients: .all, payload: .empty)
    }

    private func line() -> SharedLine { SharedLine(at: StreamPosition(epoch: Self.epoch, offset: 0)) }

    private func after(_ offset: UInt64) -> StreamPosition { StreamPosition(epoch: Self.epoch, offset: offset) }

    @Test func whatArrivesInOrderGoesOutAtOnceAndOnce() {
        var line = self.line()
        for offset in [1, 2, 2, 3, 1, 4] as [UInt64] {
            let isNew = offset > line.position.offset
            let action = line.arrived(self.broadcast(offset), epoch: Self.epoch, now: self.start)
            #expect(action == SharedLine.Action(goesOut: isNew ? [self.broadcast(offset)] : []))
        }
        #expect(line.nextDeadline == nil)
    }

    @Test func whatIsEarlyWaitsForWhatIsMissing() {
        var line = self.line()
        #expect(line.arrived(self.broadcast(3), epoch: Self.epoch, now: self.start) == SharedLine.Action())
        #expect(line.arrived(self.broadcast(2), epoch: Self.epoch, now: self.start) == SharedLine.Action())
        #expect(line.nextDeadline != nil)
        let action = line.arrived(self.broadcast(1), epoch: Self.epoch, now: self.start)
        #expect(action.goesOut.map(\.offset) == [1, 2, 3])
        #expect(line.nextDeadline == nil)
    }

    @Test func aGapThatLastsIsReadFromTheStore() throws {
        var line = self.line()
        _ = line.arrived(self.broadcast(4), epoch: Self.epoch, now: self.start)
        let due = try #require(line.nextDeadline)
        #expect(line.timeReached(now: self.start) == SharedLine.Action())
        #expect(line.timeReached(now: due).reads == self.after(0))
        // What comes during the reading may be newer than its answer.
        #expect(line.arrived(self.broadcast(6), epoch: Self.epoch, now: due) == SharedLine.Action())
        let action = line.read(.whole((1...4).map { self.broadcast($0) }), now: due)
        #expect(action.goesOut.map(\.offset) == [1, 2, 3, 4])
        #expect(action.reads == self.after(4))
        #expect(line.read(.whole([self.broadcast(5)]), now: due).goesOut.map(\.offset) == [5, 6])
        #expect(line.nextDeadline == nil)
    }

    @Test func beingHeardAgainReadsWhatWasMissedThoughNothingFollows() {
        var line = self.line()
        #expect(line.subscribed().reads == self.after(0))
        // Interrupted and heard again before the store answered.
        #expect(line.subscribed() == SharedLine.Action())
        let first = line.read(.whole([self.broadcast(1)]), now: self.start)
        #expect(first.goesOut.map(\.offset) == [1] && first.reads == self.after(1))
        #expect(line.read(.whole([]), now: self.start) == SharedLine.Action())
    }

    @Test func aStoreThatIsAwayIsAskedAgain() throws {
        var line = self.line()
        _ = line.subscribed()
        #expect(line.read(.failed, now: self.start) == SharedLine.Action())
        let due = try #require(line.nextDeadline)
        #expect(line.timeReached(now: due).reads == self.after(0))
    }

    @Test func aNumberThatTheStoreDoesNotKnowIsForgotten() throws {
        var line = self.line()
        _ = line.arrived(self.broadcast(1 << 53), epoch: Self.epoch, now: self.start)
        _ = line.timeReached(now: try #require(line.nextDeadline))
        #expect(line.read(.whole([]), now: self.start) == SharedLine.Action())
        #expect(line.nextDeadline == nil)
        #expect(line.arrived(self.broadcast(1), epoch: Self.epoch, now: self.start).goesOut.map(\.offset) == [1])
    }

    @Test func anotherEpochIsTheStoresToExplain() {
        var line = self.line()
        #expect(line.arrived(self.broadcast(1), epoch: "other", now: self.start).reads == self.after(0))
        #expect(line.read(.impossible, now: self.start).isLost)
        #expect(line.isLost)
        #expect(line.arrived(self.broadcast(1), epoch: Self.epoch, now: self.start) == SharedLine.Action())
        #expect(line.subscribed() == SharedLine.Action())
        line.restarted(at: StreamPosition(epoch: "other", offset: 7))
        #expect(line.arrived(self.broadcast(8), epoch: "other", now: self.start).goesOut.map(\.offset) == [8])
    }

    @Test func whatIsHeldIsBounded() {
        var line = SharedLine(at: self.after(0), heldLimit: 10)
        var reads = 0
        for offset in 2...50 as ClosedRange<UInt64> {
            if line.arrived(self.broadcast(offset), epoch: Self.epoch, now: self.start).reads != nil { reads += 1 }
        }
        #expect(reads == 1)
    }

    /// Nodes that append to one store and hear of it late, early, twice or not at all.
    @Test(arguments: 1...40) func everyNodeSeesTheStoresOrderWhateverHappensOnTheWay(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var stored: [StoredBroadcast] = []
        var lines = (0..<3).map { _ in self.line() }
        var seen: [[UInt64]] = [[], [], []]
        /// What is on its way to each node, and the answers to its readings.
        var announced: [[UInt64]] = [[], [], []]
        var readings: [[Int]] = [[], [], []]
        var now = MonotonicTime.zero
        func take(_ action: SharedLine.Action, _ node: Int) {
            seen[node] += action.goesOut.map(\.offset)
            #expect(!action.isLost)
            // A reading sees the store as it is when it is asked, or later.
            if action.reads != nil { readings[node].append(stored.count) }
        }
        func step(_ node: Int, faults: Bool) {
            switch Int.random(in: 0..<4, using: &random) {
            case 0 where faults:
                stored.append(self.broadcast(UInt64(stored.count + 1)))
                for other in 0..<3 where Int.random(in: 0..<10, using: &random) > 0 {
                    announced[other].append(UInt64(stored.count))
                    if Int.random(in: 0..<10, using: &random) == 0 { announced[other].append(UInt64(stored.count)) }
                }
            case 1 where !announced[node].isEmpty:
                // Two ways lead to a node, so neighbours may overtake each other.
                let index = Int.random(in: 0..<min(3, announced[node].count), using: &random)
                let offset = announced[node].remove(at: index)
                take(lines[node].arrived(self.broadcast(offset), epoch: Self.epoch, now: now), node)
            case 2 where !readings[node].isEmpty:
                let end = readings[node].removeFirst()
                let isAway = faults && Int.random(in: 0..<4, using: &random) == 0
                let from = min(Int(lines[node].position.offset), end)
                take(lines[node].read(isAway ? .failed : .whole(Array(stored[from..<end])), now: now), node)
            default:
                now = now + .milliseconds(50)
                take(lines[node].timeReached(now: now), node)
            }
        }
        for _ in 0..<600 { step(Int.random(in: 0..<3, using: &random), faults: true) }
        for node in 0..<3 { take(lines[node].subscribed(), node) }
        for _ in 0..<3_000 { step(Int.random(in: 0..<3, using: &random), faults: false) }
        for node in 0..<3 { #expect(seen[node] == stored.map(\.offset), "seed \(seed), node \(node)") }
    }
}
