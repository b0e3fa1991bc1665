import Testing

@testable import PondClient
@testable import PondRuntime

@Suite(.timeLimit(.minutes(1))) struct ClientSequenceTests {
    /// What a change and whoever begins to listen meet over.
    private final class Meeting: Sendable {
        let listeners = Listeners<Int>()
        let value = Lock(0)

        func change() { self.listeners.publish(1) { self.value.withLock { $0 = 1 } } }

        func seen() async -> [Int] {
            var seen: [Int] = []
            let sequence = ClientSequence(self.listeners, beginningWith: { self.value.withLock { $0 } }, capacity: 8)
            for await value in sequence {
                seen.append(value)
                if value == 1 { break }
            }
            return seen
        }
    }

    @Test func missesNoChangeThatComesWhileItBegins() async {
        for _ in 0..<20_000 {
            let meeting = Meeting()
            async let seen = meeting.seen()
            async let changed: Void = meeting.change()
            await changed
            let values = await seen
            #expect(values == [1] || values == [0, 1])
        }
    }

    @Test func beginsWithWhatIsThereThoughNothingCanCome() async {
        let listeners = Listeners<Int>()
        listeners.finish()
        var seen: [Int] = []
        for await value in ClientSequence(listeners, beginningWith: { 7 }, capacity: 8) { seen.append(value) }
        #expect(seen == [7])
    }
}
