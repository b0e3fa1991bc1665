import PondChat

/// Messages that were sent and are on their way to the store: their ids are taken, and their authors may already
/// change them. Pure.
struct PendingMessages: Sendable {
    /// Hears of a message that was on its way and is stored, or of none where it never will be.
    typealias Outcome = @Sendable (ChatMessage?) -> Void

    private struct Place: Sendable, Hashable {
        var channel: ChatChannel
        var id: MessageID
    }

    private struct Entry: Sendable {
        var message: ChatMessage
        /// Who wants to know what becomes of it.
        var waiting: [Outcome] = []
    }

    private var entries: [Place: Entry] = [:]

    /// The number of messages on their way.
    var count: Int { self.entries.count }

    /// A message is sent; `false` where one with its id is on its way already.
    mutating func add(_ message: ChatMessage, to channel: ChatChannel) -> Bool {
        let place = Place(channel: channel, id: message.id)
        guard self.entries[place] == nil else { return false }
        self.entries[place] = Entry(message: message)
        return true
    }

    /// A message on its way.
    func message(_ id: MessageID, in channel: ChatChannel) -> ChatMessage? {
        self.entries[Place(channel: channel, id: id)]?.message
    }

    /// Lets somebody know what becomes of a message; `false` where it is not on its way.
    mutating func wait(for id: MessageID, in channel: ChatChannel, then: @escaping Outcome) -> Bool {
        let place = Place(channel: channel, id: id)
        guard self.entries[place] != nil else { return false }
        self.entries[place]?.waiting.append(then)
        return true
    }

    /// A message is stored, or never will be; what tells those who wanted to know.
    mutating func settled(_ id: MessageID, in channel: ChatChannel, isStored: Bool) -> [@Sendable () -> Void] {
        guard let entry = self.entries.removeValue(forKey: Place(channel: channel, id: id)) else { return [] }
        return entry.waiting.map { then in { then(isStored ? entry.message : nil) } }
    }
}
