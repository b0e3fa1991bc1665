import PondTestSupport
import Testing

@testable import PondClient
@testable import PondCore

@Suite struct CursorTests {
    static func at(_ offset: UInt64, _ epoch: String = "e") -> StreamPosition {
        StreamPosition(epoch: epoch, offset: offset)
    }

    static func joined(at offset: UInt64) -> Cursor {
        var cursor = Cursor()
        _ = cursor.joining()
        _ = cursor.joined(JoinAnswer(position: self.at(offset)))
        return cursor
    }

    @Test func dropsWhatWasSeenAndAcceptsSkippedNumbers() {
        var cursor = Self.joined(at: 5)
        expect([5, 6, 6, 9, 8, 10].map { cursor.received(offset: $0) }, is: [false, true, false, true, false, true])
        #expect(cursor.position == Self.at(10))
    }

    @Test func acceptsEverythingWhereNothingIsNumbered() {
        var cursor = Cursor()
        expect(cursor.joining(), is: nil)
        expect(cursor.joined(JoinAnswer()), is: .nothing)
        expect(cursor.received(offset: nil), is: true)
        expect(cursor.received(offset: nil), is: true)
        expect(cursor.joining(), is: nil)
    }

    @Test func asksForWhatItMissedAndTakesTheReplay() {
        var cursor = Self.joined(at: 5)
        expect(cursor.joining(), is: Self.at(5))
        expect(cursor.joined(JoinAnswer(position: Self.at(8), recovered: true, replayed: 3)), is: .recovered(3))
        expect([6, 7, 8, 9, 9].map { cursor.received(offset: $0) }, is: [true, true, true, true, false])
    }

    @Test(arguments: [
        JoinAnswer(position: at(8), recovered: false),
        JoinAnswer(position: at(2, "new"), recovered: false),
        JoinAnswer(position: at(2, "new"), recovered: true, replayed: 2),
        JoinAnswer(position: at(8)),
        JoinAnswer(),
    ])
    func saysSoWhenWhatItMissedCannotBeHad(answer: JoinAnswer) {
        var cursor = Self.joined(at: 5)
        _ = cursor.joining()
        expect(cursor.joined(answer), is: .resyncRequired)
        #expect(cursor.position == answer.position)
    }

    @Test func whatCameWithoutItsNumberIsNotNewWhenItComesWithIt() {
        var cursor = Self.joined(at: 5)
        expect(cursor.received(offset: nil, requestId: "a"), is: true)
        expect(cursor.received(offset: nil, requestId: "b"), is: true)
        // Given again to who joins again, before it has a number.
        _ = cursor.joining()
        expect(cursor.joined(JoinAnswer(position: Self.at(5), recovered: true)), is: .recovered(0))
        expect(cursor.received(offset: nil, requestId: "a"), is: false)
        // Numbers go on with what is not shown.
        expect(cursor.received(offset: 6, requestId: "x"), is: true)
        expect(cursor.received(offset: 7, requestId: "a"), is: false)
        #expect(cursor.position == Self.at(7))
        expect(cursor.received(offset: 8, requestId: "b"), is: false)
        expect(cursor.received(offset: 9, requestId: "c"), is: true)
    }

    @Test func aServerThatCannotSayTheNumberingLeavesWhatIsKnownOfIt() {
        var cursor = Self.joined(at: 5)
        expect(cursor.joining(), is: Self.at(5))
        expect(cursor.joined(JoinAnswer(recovered: false, isApart: true)), is: .nothing)
        expect(cursor.received(offset: nil, requestId: "a"), is: true)
        expect(cursor.joining(), is: Self.at(5))
        expect(cursor.joined(JoinAnswer(position: Self.at(8), recovered: true, replayed: 3)), is: .recovered(3))
        expect(
            [6, 7, 8].map { cursor.received(offset: $0, requestId: $0 == 7 ? "a" : "r\($0)") },
            is: [true, false, true]
        )
    }

    @Test func whoNeverKnewTheNumberingBeginsWithItAndRemembersWhatItSaw() {
        var cursor = Cursor()
        expect(cursor.joining(), is: nil)
        expect(cursor.joined(JoinAnswer(isApart: true)), is: .nothing)
        expect(cursor.received(offset: nil, requestId: "a"), is: true)
        expect(cursor.received(offset: nil, requestId: "a"), is: false)
        expect(cursor.joining(), is: nil)
        expect(cursor.joined(JoinAnswer(position: Self.at(3))), is: .nothing)
        expect(cursor.received(offset: 4, requestId: "a"), is: false)
        expect(cursor.received(offset: 5, requestId: "b"), is: true)
    }

    @Test func whatIsRememberedOfBroadcastsWithoutNumbersIsBounded() {
        var early = EarlyBroadcasts()
        for number in 0..<10_000 { expect(early.cameWithout(number: "\(number)"), is: true) }
        #expect(early.count == 2_048)
        for number in 20_000..<30_000 { expect(early.came(number: "\(number)"), is: false) }
        #expect(early.count == 2_048 + 256)
        // Seen with its number, on another server, before it comes without.
        expect(early.cameWithout(number: "29999"), is: false)
        expect(early.came(number: "9999"), is: true)
        expect(early.came(number: "7000"), is: false)
        expect(early.cameWithout(number: ""), is: true)
        expect(early.cameWithout(number: ""), is: true)
    }

    @Test func asksFromTheSamePlaceAgainWhenAJoinIsCut() {
        var cursor = Self.joined(at: 5)
        expect(cursor.joining(), is: Self.at(5))
        expect(cursor.joining(), is: Self.at(5))
        expect(cursor.joined(JoinAnswer(position: Self.at(6), recovered: true, replayed: 1)), is: .recovered(1))
    }
}
