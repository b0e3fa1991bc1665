import PondChat
import PondKit
import Testing

@testable import pond_server

@Suite struct PendingMessagesTests {
    @Test("A message on its way takes its id in its channel until it is stored, and tells who waits what became of it")
    func ids() throws {
        let fixture = try StoreFixture()
        let message = try fixture.message(1)
        let told = Lock<[ChatMessage?]>([])
        var pending = PendingMessages()
        let taken = [fixture.general, fixture.general, fixture.pair].map { pending.add(message, to: $0) }
        #expect(taken == [true, false, true])
        #expect(pending.message(message.id, in: fixture.general) == message)
        let waits = [fixture.general, fixture.pair].map { channel in
            pending.wait(for: message.id, in: channel) { message in told.withLock { $0.append(message) } }
        }
        #expect(waits == [true, true])
        for then in pending.settled(message.id, in: fixture.general, isStored: true) { then() }
        for then in pending.settled(message.id, in: fixture.pair, isStored: false) { then() }
        #expect(told.withLock { $0 } == [message, nil])
        #expect(pending.message(message.id, in: fixture.general) == nil && pending.count == 0)
        let waitsAgain = pending.wait(for: message.id, in: fixture.general) { _ in }
        let nobody = pending.settled(message.id, in: fixture.general, isStored: true)
        let isFree = pending.add(message, to: fixture.general)
        #expect(!waitsAgain && nobody.isEmpty && isFree)
    }
}
