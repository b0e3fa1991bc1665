import PondChat
import PondKit
import Testing

@testable import pond_server

@Suite struct PendingMessagesTests {
    @Test("A message on its way takes its id in its channel until it is stored, and tells who waits")
    func ids() throws {
        let fixture = try StoreFixture()
        let message = try fixture.message(1)
        let told = Lock(0)
        var pending = PendingMessages()
        let taken = [fixture.general, fixture.general, fixture.pair].map { pending.add(message, to: $0) }
        #expect(taken == [true, false, true])
        #expect(pending.message(message.id, in: fixture.general) == message)
        let waits = pending.wait(for: message.id, in: fixture.general) { told.withLock { $0 += 1 } }
        #expect(waits)
        for then in pending.settled(message.id, in: fixture.general) { then() }
        #expect(told.withLock { $0 } == 1)
        #expect(pending.message(message.id, in: fixture.general) == nil && pending.count == 1)
        let waitsAgain = pending.wait(for: message.id, in: fixture.general) {}
        let nobody = pending.settled(message.id, in: fixture.general)
        let isFree = pending.add(message, to: fixture.general)
        #expect(!waitsAgain && nobody.isEmpty && isFree)
    }
}
