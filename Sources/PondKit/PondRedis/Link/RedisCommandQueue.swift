import PondCore

/// Commands on their way to a server, in order: those that wait, and those that were sent and not answered.
///
/// Every command must be one that may run twice: when the connection is lost, nobody knows whether those in flight ran,
/// so they are sent again, before those that wait. Nothing that was sent is ever given up before it is answered: its
/// owner would take for undone what may be done.
struct RedisCommandQueue: RedisWaiting {
    typealias Answer = @Sendable (Result<RESPValue, PondError>) -> Void

    struct Command: Sendable {
        /// The command as it is sent.
        var bytes: [UInt8]
        /// The script that the server must know before, where it is one.
        var script: RedisScript?
        var then: Answer
    }

    private enum Sent: Sendable {
        /// Makes a script known; nobody waits for the answer.
        case script
        case command(Command)
    }

    /// What an answer means.
    enum Reception {
        case nothing
        /// The command is done; tell its owner.
        case done(Answer, RESPValue)
        /// The server cannot answer this now, or does not know a script any more: connect anew and send all again.
        case renew(String)
    }

    private var waiting = Queue<Command>()
    private var waitingBytes = 0
    private var inFlight = Queue<Sent>()
    private var known: Set<String> = []
    private let maximumCommands: Int
    private let maximumBytes: Int
    /// Commands that were not taken because too many waited.
    private(set) var refused = 0

    init(maximumCommands: Int, maximumBytes: Int) {
        self.maximumCommands = maximumCommands
        self.maximumBytes = maximumBytes
    }

    /// Commands that have no answer yet.
    var count: Int { self.waiting.count + self.inFlight.count }

    var waitingCount: Int { self.waiting.count }

    var isSettled: Bool { self.count == 0 }

    /// Whether one more command would be taken.
    var hasRoom: Bool { self.waitingCount < self.maximumCommands && self.waitingBytes < self.maximumBytes }

    /// Takes a command; false when there are too many, and then it never runs.
    mutating func add(_ command: Command) -> Bool {
        guard self.hasRoom else {
            self.refused += 1
            return false
        }
        self.waiting.append(command)
        self.waitingBytes += command.bytes.count
        return true
    }

    /// The next bytes to send; what they ask for is in flight from here on.
    mutating func next() -> [UInt8]? {
        guard let command = self.waiting.popFirst() else { return nil }
        self.waitingBytes -= command.bytes.count
        var bytes: [UInt8] = []
        if let script = command.script, self.known.insert(script.digest).inserted {
            bytes = RESPEncoder.command("SCRIPT", "LOAD", script.source)
            self.inFlight.append(.script)
        }
        self.inFlight.append(.command(command))
        return bytes + command.bytes
    }

    mutating func next(into bytes: inout [UInt8]) -> Bool {
        guard let command = self.next() else { return false }
        bytes += command
        return true
    }

    /// The server answered the oldest in flight.
    mutating func answered(_ value: RESPValue) -> Reception {
        guard !self.inFlight.isEmpty else { return .nothing }
        if case .error(let text) = value {
            let text = String(decoding: text, as: UTF8.self)
            // A replica that was a master, a server that reads its file, another one of a Redis Cluster, scripts flushed.
            let passing = ["READONLY", "MASTERDOWN", "MOVED", "LOADING", "NOSCRIPT", "TRYAGAIN", "CLUSTERDOWN", "BUSY"]
            if passing.contains(where: text.hasPrefix) { return .renew(text) }
        }
        switch self.inFlight.popFirst() {
        case .script, nil: return .nothing
        case .command(let command): return .done(command.then, value)
        }
    }

    /// The connection is lost; what was in flight will be sent again, in its order.
    mutating func cut() {
        let unanswered = self.inFlight.compactMap { sent -> Command? in
            if case .command(let command) = sent { command } else { nil }
        }
        self.inFlight.removeAll()
        self.known = []
        self.waiting = Queue(unanswered + self.waiting)
        self.waitingBytes += unanswered.reduce(0) { $0 + $1.bytes.count }
    }

    /// Nothing will be sent any more; those who wait for an answer.
    mutating func drop() -> [Answer] {
        self.cut()
        let answers = self.waiting.map(\.then)
        self.waiting.removeAll()
        self.waitingBytes = 0
        return answers
    }
}
