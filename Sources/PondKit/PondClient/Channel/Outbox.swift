public import PondCore

/// The messages of one channel that are not complete: pending, in flight, and failed ones that are kept for a retry.
///
/// What was sent and not confirmed is kept in its order and goes first after a reconnect, so that nothing is lost
/// and nothing overtakes. Only messages that were never sent are dropped when the queue is full.
public struct Outbox: Sendable {
    /// How many messages may wait; one more drops the oldest of them.
    public let capacity: Int
    /// How many messages may be on their way without a confirmation.
    public let window: Int
    private var unconfirmed: [OutgoingMessage] = []
    private var queue: [OutgoingMessage] = []
    private var refused: [OutgoingMessage] = []

    /// An empty outbox.
    public init(capacity: Int = 100, window: Int = 256) {
        self.capacity = max(1, capacity)
        self.window = max(1, window)
    }

    /// Takes over the messages of an earlier process, which go before all others.
    mutating func restore(_ messages: [OutgoingMessage]) { self.queue = messages + self.queue }

    /// Messages that wait, those to be sent again included.
    public var queuedCount: Int { self.queue.count + self.unconfirmed.count { $0.state == .queued } }
    /// Messages on their way.
    public var sendingCount: Int { self.unconfirmed.count { $0.state == .sending } }
    /// Messages that failed and can be tried again.
    public var failedCount: Int { self.refused.count }
    /// Whether nothing waits and nothing is on its way.
    public var isSettled: Bool { self.unconfirmed.isEmpty && self.queue.isEmpty }
    /// What was sent and not confirmed, in the order of sending; it waits to be sent again while the connection is lost.
    var sent: [OutgoingMessage] { self.unconfirmed }
    /// When the oldest message was sent that the server has not confirmed.
    public var oldestSent: MonotonicTime? { self.unconfirmed.first { $0.state == .sending }?.since }
    /// Everything that is not settled, in the order of sending, the failed ones first.
    public var messages: [OutgoingMessage] { self.refused + self.unconfirmed + self.queue }

    /// The id of the unsettled message that goes by this name on the wire.
    public func id(requestId: String) -> String? {
        (self.unconfirmed.first { $0.requestId == requestId } ?? self.queue.first { $0.requestId == requestId })?.id
    }

    /// Takes a message. Returns the one that had to go, as failed.
    public mutating func enqueue(_ message: OutgoingMessage, now: MonotonicTime) -> OutgoingMessage? {
        self.queue.append(message)
        guard self.queue.count > self.capacity else { return nil }
        let error = PondError(code: 429, kind: .tooLarge, message: "The queue of \(self.capacity) messages is full")
        return self.refuse(self.queue.removeFirst(), error, now: now)
    }

    /// The channel is joined: what to send next, in order. Without confirmations all of it goes and is forgotten.
    public mutating func takeNext(confirmed: Bool, now: MonotonicTime) -> [OutgoingMessage] {
        guard !self.queue.isEmpty else { return [] }
        let count = confirmed ? min(self.queue.count, self.window - self.unconfirmed.count) : self.queue.count
        guard count > 0 else { return [] }
        let taken = self.queue.prefix(count).map { message in
            var message = message.entering(confirmed ? .sending : .sent, now: now)
            message.tries += 1
            return message
        }
        self.queue.removeFirst(count)
        if confirmed { self.unconfirmed += taken }
        return taken
    }

    /// The channel is joined again: what was sent and never confirmed, in its original order.
    public mutating func takeUnconfirmed(confirmed: Bool, now: MonotonicTime) -> [OutgoingMessage] {
        let again = self.unconfirmed.map { message in
            var message = message.entering(confirmed ? .sending : .sent, now: now)
            message.tries += 1
            return message
        }
        self.unconfirmed = confirmed ? again : []
        return again
    }

    /// The connection is gone: what was on its way waits again. Returns those messages.
    public mutating func disconnected(now: MonotonicTime) -> [OutgoingMessage] {
        let waiting = self.unconfirmed.filter { $0.state == .sending }.map { $0.entering(.queued, now: now) }
        self.unconfirmed = self.unconfirmed.map { $0.state == .sending ? $0.entering(.queued, now: now) : $0 }
        return waiting
    }

    /// The server has handled a message. Returns it, or `nil` for an unknown one.
    public mutating func delivered(requestId: String, now: MonotonicTime) -> OutgoingMessage? {
        guard let index = self.unconfirmed.firstIndex(where: { $0.requestId == requestId }) else { return nil }
        return self.unconfirmed.remove(at: index).entering(.delivered, now: now)
    }

    /// The server refused a message. Returns it, or `nil` for an unknown one.
    public mutating func failed(requestId: String, _ error: PondError, now: MonotonicTime) -> OutgoingMessage? {
        guard let index = self.unconfirmed.firstIndex(where: { $0.requestId == requestId }) else { return nil }
        return self.refuse(self.unconfirmed.remove(at: index), error, now: now)
    }

    /// Forgets a message, wherever it is. Returns it, as failed.
    public mutating func drop(id: String, _ error: PondError? = nil, now: MonotonicTime) -> OutgoingMessage? {
        let error = error ?? PondError.over("Dropped")
        for list in [\Outbox.refused, \Outbox.unconfirmed, \Outbox.queue] {
            guard let index = self[keyPath: list].firstIndex(where: { $0.id == id }) else { continue }
            return self[keyPath: list].remove(at: index).entering(.failed(error), now: now)
        }
        return nil
    }

    /// Puts a failed message at the end of the queue under a new name on the wire.
    ///
    /// Returns the message that waits now, and the one that had to go for it, if the queue was full.
    public mutating func retry(
        id: String,
        requestId: String,
        now: MonotonicTime
    ) -> (queued: OutgoingMessage, dropped: OutgoingMessage?)? {
        guard let index = self.refused.firstIndex(where: { $0.id == id }) else { return nil }
        var message = self.refused.remove(at: index).entering(.queued, now: now)
        message.requestId = requestId
        return (message, self.enqueue(message, now: now))
    }

    /// The channel is over: everything that is not settled fails. Returns it.
    public mutating func close(_ error: PondError, now: MonotonicTime) -> [OutgoingMessage] {
        let lost = (self.unconfirmed + self.queue).map { $0.entering(.failed(error), now: now) }
        self.unconfirmed = []
        self.queue = []
        self.refused = []
        return lost
    }

    private mutating func refuse(_ message: OutgoingMessage, _ error: PondError, now: MonotonicTime) -> OutgoingMessage
    {
        let message = message.entering(.failed(error), now: now)
        guard message.keepsFailure else { return message }
        self.refused.append(message)
        if self.refused.count > self.capacity { self.refused.removeFirst() }
        return message
    }
}
