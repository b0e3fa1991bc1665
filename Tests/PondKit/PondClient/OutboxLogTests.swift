import PondCore
import PondTesting
import Testing

@testable import PondClient

@Suite struct OutboxLogTests {
    static let state: StoredOutbox = {
        var state = StoredOutbox()
        state.session = StoredOutbox.Session(token: "token-1", userId: "user-1")
        var channel = StoredOutbox.Channel()
        channel.position = StreamPosition(epoch: "e", offset: .max)
        channel.messages = (1...3).map {
            StoredOutbox.Message(
                id: "id-\($0)",
                requestId: "request-\($0)",
                event: "message",
                payload: ["text": .string("line one\nline \($0) \u{1F600}")]
            )
        }
        state.channels["/chat/1"] = channel
        state.channels["/chat/two words"] = channel
        return state
    }()

    @Test func readsWhatItWrote() throws {
        let read = try #require(OutboxLog.read(OutboxLog.file(Self.state), limits: .default))
        #expect(read.state == Self.state)
        #expect(read.damaged == 0)
    }

    @Test func appliesEveryKindOfChange() {
        var state = Self.state
        state.apply(.removed(id: "id-2", channel: "/chat/1"))
        state.apply(.removed(id: "id-2", channel: "/chat/unknown"))
        state.apply(.left(channel: "/chat/two words"))
        state.apply(.session(nil))
        state.apply(.position(StreamPosition(epoch: "f", offset: 1), channel: "/chat/1"))
        #expect(state.channels["/chat/1"]?.messages.map(\.id) == ["id-1", "id-3"])
        #expect(state.channels["/chat/1"]?.position?.epoch == "f")
        #expect(Array(state.channels.keys) == ["/chat/1"])
        #expect(state.session == nil)
    }

    /// A write may be cut off after any byte: what was written before is there, and nothing else.
    @Test func readsEveryBeginningOfAFile() throws {
        let file = OutboxLog.file(Self.state)
        let lines = file.split(separator: 0x0A).count - 1
        for end in 0...file.count {
            let read = try #require(OutboxLog.read(Array(file[..<end]), limits: .default))
            let whole = file[..<end].split(separator: 0x0A).count - 1 - read.damaged
            #expect(read.damaged <= 1)
            #expect(read.state.changes.count == max(0, whole))
            #expect(read.state.changes.count <= lines)
        }
    }

    /// A damaged byte costs no more than the lines that it touches, and changes no message.
    @Test func losesOnlyTheLinesThatADamagedByteTouches() throws {
        let file = OutboxLog.file(Self.state)
        let known = Set(Self.state.changes)
        for index in OutboxLog.head.count..<file.count {
            var damaged = file
            damaged[index] ^= 0x15
            let read = try #require(OutboxLog.read(damaged, limits: .default))
            #expect(read.damaged >= 1)
            #expect(read.state.changes.count >= Self.state.changes.count - 2)
            #expect(read.state.changes.allSatisfy { known.contains($0) })
        }
    }

    @Test func refusesAFileThatIsNoOutbox() {
        #expect(OutboxLog.read(Array("pond-outbox 2\n".utf8), limits: .default) == nil)
        #expect(OutboxLog.read(Array("{}\n".utf8), limits: .default) == nil)
        #expect(OutboxLog.read([], limits: .default)?.state == StoredOutbox())
    }
}
