import PondCore
import PondRuntime

/// Writes the messages and the position of one channel to the client's store. Confined to the client's loop.
final class ChannelStorage {
    /// The position that an earlier process reached.
    let position: StreamPosition?
    private let name: String
    private let client: ClientStorage
    private let loop: EventLoop
    private var restored: [StoredOutbox.Message]
    /// The messages in the store.
    private var ids: Set<String>
    private var newPosition: StreamPosition?
    /// False without a store, and once the channel or the client is over.
    private var isOpen: Bool

    init(_ name: String, of client: ClientStorage, on loop: EventLoop) {
        let stored = client.take(channel: name)
        self.name = name
        self.client = client
        self.loop = loop
        self.position = stored?.position
        self.restored = stored?.messages ?? []
        self.ids = Set(self.restored.map(\.id))
        self.isOpen = client.isKept
    }

    /// The messages of an earlier process, in their order; the second call returns none.
    func takeMessages(now: MonotonicTime) -> [OutgoingMessage] {
        defer { self.restored = [] }
        return self.restored.map { OutgoingMessage($0, now: now) }
    }

    /// A message will be sent.
    func added(_ message: OutgoingMessage) {
        guard self.isOpen else { return }
        self.ids.insert(message.id)
        self.client.note(.added(StoredOutbox.Message(message), channel: self.name))
    }

    /// A message is complete.
    func removed(_ id: String) {
        guard self.isOpen, self.ids.remove(id) != nil else { return }
        self.client.note(.removed(id: id, channel: self.name))
    }

    /// The listeners have the broadcasts up to a position. Stored once per turn of the loop.
    func moved(to position: StreamPosition?) {
        guard self.isOpen, let position else { return }
        let isFirst = self.newPosition == nil
        self.newPosition = position
        guard isFirst else { return }
        self.loop.atEndOfTurn {
            defer { self.newPosition = nil }
            guard self.isOpen, let position = self.newPosition else { return }
            self.client.note(.position(position, channel: self.name))
        }
    }

    /// The membership ended: a later channel of that name begins anew.
    func left() {
        guard self.isOpen else { return }
        self.isOpen = false
        self.client.note(.left(channel: self.name))
    }

    /// The client is released: what is stored stays for the next process.
    func close() { self.isOpen = false }
}

extension StoredOutbox.Message {
    init(_ message: OutgoingMessage) {
        self.init(id: message.id, requestId: message.requestId, event: message.event, payload: message.payload)
    }
}

extension OutgoingMessage {
    /// A message of an earlier process.
    init(_ stored: StoredOutbox.Message, now: MonotonicTime) {
        self.init(id: stored.id, event: stored.event, payload: stored.payload, now: now)
        self.requestId = stored.requestId
    }
}
