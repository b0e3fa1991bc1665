import PondKit
import Testing

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

    @Test func asksFromTheSamePlaceAgainWhenAJoinIsCut() {
        var cursor = Self.joined(at: 5)
        expect(cursor.joining(), is: Self.at(5))
        expect(cursor.joining(), is: Self.at(5))
        expect(cursor.joined(JoinAnswer(position: Self.at(6), recovered: true, replayed: 1)), is: .recovered(1))
    }
}
