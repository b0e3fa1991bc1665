import PondCore

/// Messages on their way to the server, in order: those that wait and those that were sent and not confirmed.
struct RedisOutbox: RedisWaiting {
    struct Message: Sendable, Hashable {
        var topic: String
        var bytes: [UInt8]

        fileprivate var size: Int { self.topic.utf8.count + self.bytes.count }
    }

    private var waiting = Queue<Message>()
    private var waitingBytes = 0
    private let maximumMessages: Int
    private let maximumBytes: Int
    /// The command that publishes.
    private let verb: [UInt8]
    /// Sent and not confirmed.
    private(set) var inFlight = 0
    /// Dropped while the server was away, or cut off in flight so that nobody knows.
    private(set) var lost = 0
    /// Confirmed by the server.
    private(set) var published = 0

    init(maximumMessages: Int, maximumBytes: Int, verb: String = "PUBLISH") {
        self.verb = Array(verb.utf8)
        self.maximumMessages = maximumMessages
        self.maximumBytes = maximumBytes
    }

    var waitingCount: Int { self.waiting.count }

    var isSettled: Bool { self.waitingCount == 0 && self.inFlight == 0 }

    /// Takes a message; where there are too many the oldest are lost.
    mutating func add(_ message: Message) {
        guard message.size <= self.maximumBytes, self.maximumMessages > 0 else {
            self.lost += 1
            return
        }
        self.waiting.append(message)
        self.waitingBytes += message.size
        while self.waitingCount > self.maximumMessages || self.waitingBytes > self.maximumBytes {
            guard self.pop() != nil else { return }
            self.lost += 1
        }
    }

    /// The next message to send; from here on it is in flight.
    mutating func next() -> Message? {
        guard let message = self.pop() else { return nil }
        self.inFlight += 1
        return message
    }

    mutating func next(into bytes: inout [UInt8]) -> Bool {
        guard let message = self.next() else { return false }
        RESPEncoder.append(command: [self.verb, Array(message.topic.utf8), message.bytes], to: &bytes)
        return true
    }

    /// The server answered for the oldest message in flight.
    mutating func answered(isError: Bool) {
        guard self.inFlight > 0 else { return }
        self.inFlight -= 1
        if isError { self.lost += 1 } else { self.published += 1 }
    }

    /// The connection is lost, and with it, for all that is known, what was in flight.
    mutating func cut() {
        self.lost += self.inFlight
        self.inFlight = 0
    }

    /// Nothing will be sent any more.
    mutating func drop() {
        self.lost += self.waitingCount
        self.waiting.removeAll()
        self.waitingBytes = 0
    }

    private mutating func pop() -> Message? {
        guard let message = self.waiting.popFirst() else { return nil }
        self.waitingBytes -= message.size
        return message
    }
}
