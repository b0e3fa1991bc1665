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
        #expect(taken == [.sent, .pending, .sent])
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
        let again = [fixture.general, fixture.pair].map { pending.add(message, to: $0) }
        #expect(!waitsAgain && nobody.isEmpty && again == [.stored(message), .sent])
    }

    @Test("Of the stored messages only so many are remembered")
    func memory() throws {
        let fixture = try StoreFixture()
        let messages = try (1...7).map { try fixture.message($0) }
        var pending = PendingMessages(memory: 3)
        for message in messages {
            _ = pending.add(message, to: fixture.general)
            _ = pending.settled(message.id, in: fixture.general, isStored: true)
        }
        let answers = messages.map { pending.add($0, to: fixture.general) }
        #expect(answers == messages.prefix(4).map { _ in .sent } + messages.dropFirst(4).map { .stored($0) })
    }
}
