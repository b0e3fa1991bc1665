import PondTesting
import Testing

@testable import PondServer

@Suite struct SessionTableTests {
    private static func fail(_ comment: Comment) { Issue.record(comment) }

    private func ended(_ table: inout SessionTable<String, Int>, _ token: String, _ number: UInt32) -> Bool {
        table.graceEnded(token, number: number)
    }

    private func resume(_ table: inout SessionTable<String, Int>, _ token: String) -> String {
        switch table.resumed(token) {
        case .unknown: "unknown"
        case .resume(let holder): "resume \(holder)"
        case .takeOver(let holder): "take over \(holder)"
        }
    }

    @Test func keepsALostSessionUntilItsGraceTimeIsOver() {
        var table = SessionTable<String, Int>(maximumAway: 10)
        table.began("t", 1)
        #expect(self.resume(&table, "other") == "unknown")
        #expect(self.resume(&table, "t") == "take over 1")
        guard case .keep(let number, ending: nil) = table.lost("t") else { return Self.fail("not kept") }
        #expect(self.resume(&table, "t") == "resume 1")
        #expect(!self.ended(&table, "t", number), "a late timer must not end a resumed session")
        guard case .keep(let second, ending: nil) = table.lost("t") else { return Self.fail("not kept") }
        #expect(!self.ended(&table, "t", number), "nor may the timer of an earlier loss")
        #expect(self.ended(&table, "t", second))
        #expect(!self.ended(&table, "t", second))
        #expect(self.resume(&table, "t") == "unknown")
        guard case .end = table.lost("t") else { return Self.fail("kept") }
        #expect(table.count == 0)
    }

    @Test func keepsNothingWhereNothingMayBeKept() {
        var table = SessionTable<String, Int>(maximumAway: 0)
        table.began("t", 1)
        guard case .end = table.lost("t") else { return Self.fail("kept") }
        #expect(table.count == 0)
    }

    @Test func boundsTheLostOnesTheOldestGivesUpItsPlace() {
        var table = SessionTable<String, Int>(maximumAway: 2)
        for holder in 1...4 { table.began("\(holder)", holder) }
        func lose(_ token: String) -> Int? {
            guard case .keep(_, let displaced) = table.lost(token) else { return -1 }
            return displaced
        }
        #expect(lose("1") == nil)
        #expect(lose("2") == nil)
        #expect(self.resume(&table, "1") == "resume 1")
        #expect(lose("3") == nil)
        #expect(lose("4") == 2)
        #expect(lose("1") == 3)
        #expect(self.resume(&table, "2") == "unknown")
        #expect(self.resume(&table, "4") == "resume 4")
        #expect(table.count == 2)
    }

    @Test(arguments: [2_564_860_587_070_762_723, .random(in: 0 ... .max)])
    func neverHasTwoHoldersOrLosesOneWhateverHappens(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        print("SessionTableTests seed \(random.seed)")
        var table = SessionTable<String, Int>(maximumAway: 5)
        var live: Set<Int> = []
        var away: [(holder: Int, number: UInt32)] = []
        for step in 0..<20_000 {
            let holder = Int.random(in: 0..<20, using: &random)
            let isAway = away.contains { $0.holder == holder }
            switch Int.random(in: 0..<5, using: &random) {
            case 0 where !live.contains(holder) && !isAway:
                table.began("\(holder)", holder)
                live.insert(holder)
            case 1 where live.contains(holder):
                guard case .keep(let number, let displaced) = table.lost("\(holder)") else {
                    return Self.fail("seed \(random.seed), step \(step): not kept")
                }
                live.remove(holder)
                if away.count == 5 {
                    #expect(displaced == away.removeFirst().holder)
                } else {
                    #expect(displaced == nil)
                }
                away.append((holder, number))
            case 2:
                let expected = live.contains(holder) ? "take over \(holder)" : isAway ? "resume \(holder)" : "unknown"
                #expect(self.resume(&table, "\(holder)") == expected, "seed \(random.seed), step \(step)")
                if isAway {
                    away.removeAll { $0.holder == holder }
                    live.insert(holder)
                }
            case 3:
                guard let (lost, number) = away.randomElement(using: &random) else { continue }
                #expect(!self.ended(&table, "\(lost)", number &- 1))
                #expect(self.ended(&table, "\(lost)", number))
                away.removeAll { $0.holder == lost }
            default:
                table.ended("\(holder)")
                live.remove(holder)
                away.removeAll { $0.holder == holder }
            }
            #expect(table.count == live.count + away.count)
        }
    }
}
