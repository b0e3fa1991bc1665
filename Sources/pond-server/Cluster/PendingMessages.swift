import PondChat

/// Messages that were sent and are on their way to the store: their ids are taken, and their authors may already
/// change them. Pure.
struct PendingMessages: Sendable {
    private struct Place: Sendable, Hashable {
        var channel: ChatChannel
        var id: MessageID
    }

    private struct Entry: Sendable {
        var message: ChatMessage
        /// Who wants to know what becomes of it.
        var waiting: [@Sendable () -> Void] = []
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

    /// Lets somebody know when a message is on its way no more; `false` where it is not.
    mutating func wait(for id: MessageID, in channel: ChatChannel, then: @escaping @Sendable () -> Void) -> Bool {
        let place = Place(channel: channel, id: id)
        guard self.entries[place] != nil else { return false }
        self.entries[place]?.waiting.append(then)
        return true
    }

    /// A message is stored, or never will be; who wanted to know.
    mutating func settled(_ id: MessageID, in channel: ChatChannel) -> [@Sendable () -> Void] {
        self.entries.removeValue(forKey: Place(channel: channel, id: id))?.waiting ?? []
    }
}
