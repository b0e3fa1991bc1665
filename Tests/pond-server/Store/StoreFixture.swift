import PondChat
import PondKit

@testable import pond_server

/// Names and messages that the store's tests talk about.
struct StoreFixture {
    let alice: UserName
    let bob: UserName
    let general: ChatChannel
    let pair: ChatChannel

    init() throws {
        self.alice = try UserName("Alice")
        self.bob = try UserName("bob")
        self.general = .lobby(try RoomName("general"))
        self.pair = .direct(try DirectPair(self.alice, self.bob))
    }

    func message(
        _ number: Int,
        by sender: UserName? = nil,
        text: String? = nil,
        mentions: [UserName]? = nil
    ) throws -> ChatMessage {
        ChatMessage(
            id: try MessageID("m\(number)"),
            sender: sender ?? self.alice,
            at: ChatTime(milliseconds: Int64(number) * 1_000),
            text: text ?? "text \(number)",
            mentions: mentions
        )
    }

    /// Stores messages 1 to `count` in a channel.
    func fill(_ store: ChatStore, _ count: Int, in channel: ChatChannel? = nil) async throws {
        let messages = try (1...count).map { try self.message($0) }
        let channel = channel ?? self.general
        try await store.write { (tables: ChatTables) throws(SQLiteFault) in
            for message in messages { _ = try tables.append(message, to: channel) }
        }
    }
}
