import PondChat
internal import PondKit

/// Messages that were sent and are on their way to the store: their ids are taken, and their authors may already
/// change them. Those that got there lately are remembered, for the tables may follow a moment later. Pure.
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

    private var stored: [Place: ChatMessage] = [:]
    private var storedOrder = Queue<Place>()
    private let memory: Int

    init(memory: Int = 1_000) { self.memory = memory }

    /// What is known of a message that somebody wants to send.
    enum Answer: Sendable, Hashable {
        /// Nothing: it is on its way now.
        case sent
        /// One with its id is on its way already.
        case pending
        /// This one with its id is stored.
        case stored(ChatMessage)
    }

    /// The number of messages on their way.
    var count: Int { self.entries.count }

    /// A message is to be sent.
    mutating func add(_ message: ChatMessage, to channel: ChatChannel) -> Answer {
        let place = Place(channel: channel, id: message.id)
        if let stored = self.stored[place] { return .stored(stored) }
        guard self.entries[place] == nil else { return .pending }
        self.entries[place] = Entry(message: message)
        return .sent
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
        let place = Place(channel: channel, id: id)
        guard let entry = self.entries.removeValue(forKey: place) else { return [] }
        if isStored { self.remember(entry.message, at: place) }
        return entry.waiting.map { then in { then(isStored ? entry.message : nil) } }
    }

    private mutating func remember(_ message: ChatMessage, at place: Place) {
        self.stored[place] = message
        self.storedOrder.append(place)
        if self.storedOrder.count > self.memory, let old = self.storedOrder.popFirst() { self.stored[old] = nil }
    }
}
