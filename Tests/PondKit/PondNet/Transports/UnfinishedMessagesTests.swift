import PondTesting
import Testing

@testable import PondNet

@Suite struct UnfinishedMessagesTests {
    private final class Owner {}

    @Test func theFirstToBeginGivesUpWhereAllHoldTooMuch() {
        var unfinished = UnfinishedMessages<Owner>()
        let (first, second, third) = (Owner(), Owner(), Owner())
        unfinished.holds(first, 40)
        unfinished.holds(second, 50)
        #expect(unfinished.oneTooMany(bound: 100) == nil)
        unfinished.holds(first, 45)
        unfinished.holds(third, 20)
        #expect(unfinished.bytes == 115)
        #expect(unfinished.oneTooMany(bound: 100) === first)
        #expect(unfinished.oneTooMany(bound: 100) == nil)
        #expect(unfinished.bytes == 70)
    }

    @Test func whoFinishedBeginsAnewTheNextTime() {
        var unfinished = UnfinishedMessages<Owner>()
        let (first, second) = (Owner(), Owner())
        unfinished.holds(first, 60)
        unfinished.holds(second, 30)
        unfinished.forget(first)
        unfinished.forget(first)
        #expect(unfinished.bytes == 30)
        unfinished.holds(first, 90)
        #expect(unfinished.oneTooMany(bound: 100) === second)
    }

    @Test func neverHoldsMoreThanItsBoundNorForgetsWhoHoldsSomething() {
        var random = SeededRandom()
        var unfinished = UnfinishedMessages<Owner>()
        let owners = (0..<20).map { _ in Owner() }
        var model: [Int: Int] = [:]
        for step in 0..<5_000 {
            let index = Int.random(in: owners.indices, using: &random)
            if Int.random(in: 0..<4, using: &random) == 0 {
                unfinished.forget(owners[index])
                model[index] = nil
            } else {
                let bytes = Int.random(in: 1...300, using: &random)
                unfinished.holds(owners[index], bytes)
                model[index] = bytes
            }
            while let gone = unfinished.oneTooMany(bound: 1_000) {
                model[owners.firstIndex { $0 === gone } ?? -1] = nil
            }
            let held = model.values.reduce(0, +)
            #expect(unfinished.bytes == held && held <= 1_000, "seed \(random.seed), step \(step)")
        }
    }
}
