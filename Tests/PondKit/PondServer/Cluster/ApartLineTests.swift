import PondTestSupport
import PondTesting
import Testing

@testable import PondCore
@testable import PondServer

/// What members of a node see of each other while the store of their history is away.
@Suite struct ApartLineTests {
    private static let patience = Duration.seconds(1)
    private let start = MonotonicTime.zero

    private func shared(_ name: String, id: String? = nil) -> SharedBroadcast {
        let broadcast = StoredBroadcast(
            offset: 0,
            event: name,
            requestId: "r-\(name)",
            recipients: .all,
            payload: .empty
        )
        return SharedBroadcast(id: id ?? "id-\(name)", broadcast: broadcast)
    }

    private func numbered(_ name: String, _ offset: UInt64) -> StoredBroadcast {
        var broadcast = self.shared(name).broadcast
        broadcast.offset = offset
        return broadcast
    }

    private func line(_ absence: StoreAbsence = .show(after: patience), limit: Int = 100) -> ApartLine {
        ApartLine(absence, limit: limit)
    }

    private func names(_ shared: [SharedBroadcast]) -> [String] { shared.map(\.broadcast.event) }

    /// A line whose store has been silent for too long after these.
    private func apart(_ names: [String]) -> ApartLine {
        var line = self.line()
        for name in names { _ = line.appended(self.shared(name), now: self.start) }
        expect(self.names(line.timeReached(now: self.start + Self.patience)), is: names)
        return line
    }

    @Test func aStoreThatAnswersInTimeLeavesEverythingAsItWas() {
        var line = self.line()
        for offset in 1...500 as ClosedRange<UInt64> {
            let ticket = line.next
            expect(line.appended(self.shared("\(offset)"), now: self.start), is: ApartLine.AppendAction.wait)
            #expect(line.nextDeadline == self.start + Self.patience)
            line.stored(ticket, at: offset, out: offset - 1, now: self.start)
            expect(line.goesOut(self.numbered("\(offset)", offset), now: self.start), is: false)
            #expect(line.count == 0 && line.nextDeadline == nil && !line.isApart)
        }
    }

    @Test func aBlipShorterThanPatienceShowsNothingEarly() {
        var line = self.line()
        _ = line.appended(self.shared("a"), now: self.start)
        let before = self.start + .milliseconds(999)
        expect(line.timeReached(now: before).isEmpty, is: true)
        line.stored(1, at: 1, out: 0, now: before)
        expect(line.goesOut(self.numbered("a", 1), now: before), is: false)
    }

    @Test func whatWaitedTooLongIsShownInOrderAndWhatFollowsAtOnce() {
        var line = self.apart(["a", "b"])
        expect(line.appended(self.shared("c"), now: self.start + .seconds(2)), is: ApartLine.AppendAction.show)
        #expect(self.names(line.shown()) == ["a", "b", "c"])
        #expect(line.nextDeadline == nil)
    }

    @Test func whatASenderSaysAfterWhatIsNotReadHereIsHeldUntilItHasItsNumber() {
        let (here, elsewhere) = (ClientID(), ClientID())
        func shared(_ name: String, of client: ClientID) -> SharedBroadcast {
            var shared = self.shared(name)
            shared.broadcast.origin = RequestOrigin(client: client, requestId: name)
            return shared
        }
        var line = self.line()
        let later = self.start + Self.patience
        expect(line.appended(shared("a", of: elsewhere), isHeld: true, now: self.start), is: .wait)
        expect(line.appended(shared("b", of: here), now: self.start), is: .wait)
        expect(self.names(line.timeReached(now: later)), is: ["b"])
        // What the sender says next is held, too: the first is not out yet.
        expect(line.appended(shared("c", of: elsewhere), now: later), is: .wait)
        expect(line.appended(shared("d", of: here), now: later), is: .show)
        #expect(self.names(line.shown()) == ["b", "d"])
        #expect(line.nextDeadline == nil)
        for (offset, name) in [(1, "a"), (2, "b"), (3, "c")] as [(UInt64, String)] {
            line.stored(offset, at: offset, out: offset - 1, now: later)
            expect(line.goesOut(self.numbered(name, offset), now: later), is: name == "b")
        }
        // All that was held is out.
        expect(line.appended(shared("e", of: elsewhere), now: later), is: .wait)
        expect(self.names(line.timeReached(now: later + Self.patience)), is: ["e"])
    }

    @Test func whatWasShownIsNotShownAgainWhenItHasItsNumber() {
        var line = self.apart(["a", "b"])
        let later = self.start + .seconds(5)
        // Something of another node comes between.
        expect(line.goesOut(self.numbered("x", 1), now: later), is: false)
        line.stored(1, at: 2, out: 1, now: later)
        expect(line.goesOut(self.numbered("a", 2), now: later), is: true)
        #expect(self.names(line.shown()) == ["b"])
        // Before the answer to its append, as what was read from the store.
        expect(line.goesOut(self.numbered("b", 3), now: later), is: true)
        line.stored(2, at: 3, out: 3, now: later)
        #expect(line.count == 0 && !line.isApart)
        expect(line.appended(self.shared("c"), now: later), is: ApartLine.AppendAction.wait)
    }

    @Test func aRepeatThatAnotherNodeHandledIsKnownByItsRequestIdOrByItsNumber() {
        var line = self.apart(["a", "b"])
        let later = self.start + .seconds(5)
        expect(line.goesOut(self.numbered("a", 7), now: later), is: true)
        // The other put it in under a request id of its own, so that only the store's answer tells.
        line.stored(2, at: 8, out: 7, now: later)
        var other = self.numbered("b", 8)
        other.requestId = "another"
        expect(line.goesOut(other, now: later), is: true)
        #expect(line.count == 0)
    }

    @Test func oneThatIsPutInTwiceIsShownOnce() {
        var line = self.line()
        for _ in 0..<2 { _ = line.appended(self.shared("a"), now: self.start) }
        expect(self.names(line.timeReached(now: self.start + Self.patience)), is: ["a"])
        expect(line.appended(self.shared("a"), now: self.start + .seconds(2)), is: ApartLine.AppendAction.wait)
        #expect(self.names(line.shown()) == ["a"])
        expect(line.goesOut(self.numbered("a", 1), now: self.start + .seconds(3)), is: true)
        #expect(line.count == 0)
        line.stored(2, at: 1, out: 1, now: self.start + .seconds(3))
        line.stored(3, at: 1, out: 1, now: self.start + .seconds(3))
        #expect(line.shown().isEmpty)
    }

    @Test func twoThatShareARequestIdAreTwo() {
        var line = self.line()
        _ = line.appended(self.shared("a", id: "one"), now: self.start)
        _ = line.appended(self.shared("a", id: "two"), now: self.start)
        expect(line.timeReached(now: self.start + Self.patience).count, is: 2)
        expect(line.goesOut(self.numbered("a", 1), now: self.start + .seconds(2)), is: true)
        #expect(line.shown().count == 1)
        expect(line.goesOut(self.numbered("a", 2), now: self.start + .seconds(2)), is: true)
        expect(line.goesOut(self.numbered("a", 3), now: self.start + .seconds(2)), is: false)
    }

    @Test func aStoreThatIsOnlySlowDoesNotMakeMembersWaitForEachMessageAnew() {
        var line = self.apart(["a"])
        var now = self.start + Self.patience
        // Each answer takes longer than patience lasts, and one is always on its way.
        for (number, name) in ["b", "c", "d", "e"].enumerated() {
            expect(line.appended(self.shared(name), now: now), is: ApartLine.AppendAction.show)
            now = now + .milliseconds(700)
            let earlier = number == 0 ? "a" : ["b", "c", "d", "e"][number - 1]
            expect(line.goesOut(self.numbered(earlier, UInt64(number + 1)), now: now), is: true)
            #expect(line.isApart)
        }
        // It keeps up again: what waits is fresh.
        expect(line.appended(self.shared("f"), now: now), is: ApartLine.AppendAction.show)
        expect(line.goesOut(self.numbered("e", 5), now: now + .milliseconds(1)), is: true)
        #expect(!line.isApart)
        expect(line.appended(self.shared("g"), now: now + .milliseconds(2)), is: ApartLine.AppendAction.wait)
        expect(line.goesOut(self.numbered("f", 6), now: now + .milliseconds(3)), is: true)
        expect(line.goesOut(self.numbered("g", 7), now: now + .milliseconds(3)), is: false)
    }

    @Test func aSecondAbsenceShowsOnlyWhatTheFirstDidNot() {
        var line = self.apart(["a", "b"])
        let later = self.start + Self.patience
        _ = line.appended(self.shared("c"), now: later + .milliseconds(900))
        for name in ["a", "b"] { _ = line.goesOut(self.numbered(name, name == "a" ? 1 : 2), now: later + .seconds(1)) }
        #expect(!line.isApart)
        _ = line.appended(self.shared("d"), now: later + .seconds(1))
        #expect(line.nextDeadline == later + .seconds(1) + Self.patience)
        expect(self.names(line.timeReached(now: later + .seconds(2))), is: ["d"])
        #expect(self.names(line.shown()) == ["c", "d"])
        #expect(self.names(line.shown(from: line.next - 1)) == ["d"])
        #expect(line.shown(from: line.next).isEmpty)
    }

    @Test func whatFailsIsGoneAndItIsKnownWhetherItWasSeen() {
        var line = self.apart(["a"])
        let now = self.start + Self.patience
        expect(line.failed(1, now: now), is: true)
        #expect(!line.isApart && line.shown().isEmpty)
        let ticket = line.next
        expect(line.appended(self.shared("b"), now: now), is: ApartLine.AppendAction.wait)
        expect(line.failed(ticket, now: now), is: false)
        expect(line.failed(ticket, now: now), is: false)
        #expect(line.count == 0)
    }

    @Test func tooManyAreRefusedAndNothingOfThemIsKept() {
        var line = self.line(limit: 3)
        for name in ["a", "b", "c"] {
            expect(line.appended(self.shared(name), now: self.start), is: ApartLine.AppendAction.wait)
        }
        expect(line.appended(self.shared("d"), now: self.start), is: ApartLine.AppendAction.refuse)
        _ = line.timeReached(now: self.start + Self.patience)
        expect(line.appended(self.shared("e"), now: self.start + Self.patience), is: ApartLine.AppendAction.refuse)
        #expect(line.count == 3)
        expect(line.goesOut(self.numbered("a", 1), now: self.start + Self.patience), is: true)
        expect(line.appended(self.shared("f"), now: self.start + Self.patience), is: ApartLine.AppendAction.show)
    }

    @Test func whoHoldsShowsNothingHoweverLongItTakes() {
        var line = self.line(.hold, limit: 2)
        _ = line.appended(self.shared("a"), now: self.start)
        #expect(line.nextDeadline == nil)
        expect(line.timeReached(now: self.start + .seconds(1_000)).isEmpty, is: true)
        expect(line.goesOut(self.numbered("a", 1), now: self.start + .seconds(1_000)), is: false)
        for name in ["b", "c"] { _ = line.appended(self.shared(name), now: self.start) }
        expect(line.appended(self.shared("d"), now: self.start), is: ApartLine.AppendAction.refuse)
    }

    @Test func anotherNumberingForgetsWhatHadANumberInTheOneBefore() {
        var line = self.apart(["a", "b"])
        let now = self.start + .seconds(5)
        // Numbered behind a gap that was never filled.
        line.stored(1, at: 9, out: 4, now: now)
        line.restarted(now: now)
        #expect(self.names(line.shown()) == ["b"])
        expect(line.goesOut(self.numbered("b", 1), now: now), is: true)
        #expect(line.count == 0 && !line.isApart)
    }

    /// A node whose store comes and goes, beside another that appends to it; members come and leave meanwhile.
    @Test(arguments: 1...60) func everyMemberSeesEverythingOnceAndEachSendersInItsOrder(seed: UInt64) {
        var world = ApartWorld(seed: seed)
        for _ in 0..<800 { world.step() }
        world.settle()
        #expect(world.faults.isEmpty, "seed \(seed): \(world.faults.prefix(3))")
        #expect(world.line.count == 0 && !world.line.isApart, "seed \(seed)")
    }
}
