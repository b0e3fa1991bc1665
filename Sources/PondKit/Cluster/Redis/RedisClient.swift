/// A connection to a Redis server that runs scripts, made anew whenever it is lost; histories and sessions share one.
///
/// ```swift
/// let redis = try RedisClient("redis://127.0.0.1:6379")
/// lobby.keepHistory(in: RedisHistoryStore(redis))
/// ```
///
/// While the server is away commands wait, up to a bound; those beyond it fail at once.
/// `@unchecked Sendable`: `outgoing` is guarded by its lock; everything else that changes is touched on `loop` only.
public final class RedisClient: @unchecked Sendable {
    private struct Outgoing {
        var queue: RedisCommandQueue
        var isScheduled = false
        var isClosed = false
        var reconnects = 0
    }

    let options: RedisOptions
    let loop: EventLoop
    private let ownsLoop: Bool
    private let outgoing: Lock<Outgoing>
    private let link: RedisLink
    private let listeners = Lock<[@Sendable () -> Void]>([])
    private var wasReady = false
    /// Whether sending goes on by itself when the server has caught up.
    private var isWaiting = false
    private var settled: [() -> Void] = []

    /// Connects to the server at a URL, at once and for good; `loop` is one of its own where none is given.
    public convenience init(
        _ url: String,
        options: RedisOptions = RedisOptions(),
        loop: EventLoop? = nil
    ) throws(PondError) {
        try self.init(RedisAddress(url: url), options: options, loop: loop)
    }

    /// Connects to a server, at once and for good; `loop` is one of its own where none is given.
    public init(
        _ address: RedisAddress,
        options: RedisOptions = RedisOptions(),
        loop: EventLoop? = nil
    ) throws(PondError) {
        let tls = address.isSecure ? try TLSClient(options.tls) : nil
        let running = loop ?? EventLoop(name: "redis")
        self.loop = running
        self.ownsLoop = loop == nil
        self.options = options
        self.outgoing = Lock(
            Outgoing(
                queue: RedisCommandQueue(
                    maximumCommands: options.waitingMessages,
                    maximumBytes: options.waitingBytes
                )
            )
        )
        self.link = RedisLink(name: "store", address: address, options: options, tls: tls, loop: running)
        if loop == nil { running.start() }
        running.execute { self.begin() }
    }

    private func begin() {
        self.link.whenReady = { [weak self] in self?.ready() }
        self.link.whenLost = { [weak self] _ in self?.outgoing.withLock { $0.queue.cut() } }
        self.link.whenReceived = { [weak self] value in self?.answered(value) }
        self.link.start()
    }

    deinit {
        let link = LoopConfined(self.link, to: self.loop)
        self.loop.execute { link.value.close() }
    }

    // MARK: Commands

    /// Runs a script, perhaps twice with the same outcome; `then` is called once, on the client's loop.
    package func run(
        _ script: RedisScript,
        keys: [String],
        _ arguments: [[UInt8]],
        then: @escaping @Sendable (Result<RESPValue, PondError>) -> Void
    ) {
        var bytes: [UInt8] = []
        let head = ["EVALSHA", script.digest, String(keys.count)] + keys
        RESPEncoder.append(command: head.map { Array($0.utf8) } + arguments, to: &bytes)
        self.send(RedisCommandQueue.Command(bytes: bytes, script: script, then: then))
    }

    /// Sends a command that may run twice; `then` is called once, on the client's loop.
    package func send(_ command: [String], then: @escaping @Sendable (Result<RESPValue, PondError>) -> Void = { _ in })
    {
        var bytes: [UInt8] = []
        RESPEncoder.append(command: command.map { Array($0.utf8) }, to: &bytes)
        self.send(RedisCommandQueue.Command(bytes: bytes, script: nil, then: then))
    }

    private func send(_ command: RedisCommandQueue.Command) {
        let (isTaken, mustSchedule) = self.outgoing.withLock { outgoing in
            guard !outgoing.isClosed, outgoing.queue.add(command) else { return (false, false) }
            defer { outgoing.isScheduled = true }
            return (true, !outgoing.isScheduled)
        }
        if !isTaken {
            self.loop.execute { command.then(.failure(.unavailable("The cluster's store cannot be reached"))) }
        } else if mustSchedule {
            self.loop.execute { self.speak() }
        }
    }

    /// Does something after a while, on the client's loop.
    package func after(_ delay: Duration, _ body: @escaping @Sendable () -> Void) {
        self.loop.execute { [loop] in loop.schedule(after: delay, body) }
    }

    /// Hears of every connection but the first: what the server knew may be gone. Called on the client's loop.
    func onReturn(_ body: @escaping @Sendable () -> Void) { self.listeners.withLock { $0.append(body) } }

    /// Sends what waits, as far as the server keeps up.
    private func speak() {
        guard self.link.canTake else {
            self.outgoing.withLock { $0.isScheduled = false }
            if self.link.isReady, !self.isWaiting {
                // In another turn: what only waits for the end of this one is gone then.
                self.isWaiting = true
                self.loop.schedule(after: .milliseconds(2)) { [weak self] in
                    self?.isWaiting = false
                    self?.speak()
                }
            }
            return
        }
        var bytes: [UInt8] = []
        let isMore = self.outgoing.withLock { outgoing in
            while bytes.count < 256 * 1024, let command = outgoing.queue.next() { bytes += command }
            outgoing.isScheduled = outgoing.queue.waitingCount > 0
            return outgoing.isScheduled
        }
        if !bytes.isEmpty { self.link.send(bytes) }
        if isMore { self.loop.execute { self.speak() } }
    }

    private func ready() {
        let isReturn = self.wasReady
        self.wasReady = true
        if isReturn {
            self.outgoing.withLock { $0.reconnects += 1 }
            for listener in self.listeners.withLock({ $0 }) { listener() }
        }
        self.speak()
    }

    private func answered(_ value: RESPValue) {
        switch self.outgoing.withLock({ $0.queue.answered(value) }) {
        case .nothing: break
        case .renew(let reason): self.link.renew(reason)
        case .done(let then, .error(let text)):
            let text = String(decoding: text, as: UTF8.self)
            self.options.log.log(.error, "redis refused a command: \(text)")
            var error = PondError.unavailable("The cluster's store refused")
            error.underlying = text
            then(.failure(error))
        case .done(let then, let value): then(.success(value))
        }
        self.settle()
    }

    // MARK: The end

    /// Ends after what waits was answered, or after a second; what has no answer then fails.
    public func close() async {
        let wasClosed = self.outgoing.withLock { outgoing in
            defer { outgoing.isClosed = true }
            return outgoing.isClosed
        }
        guard !wasClosed else { return }
        await withCheckedContinuation { continuation in
            self.loop.execute {
                var isDone = false
                let finish = {
                    guard !isDone else { return }
                    isDone = true
                    let waiting = self.outgoing.withLock { $0.queue.drop() }
                    for then in waiting { then(.failure(.unavailable("The cluster's store is closed"))) }
                    self.link.close()
                    continuation.resume()
                }
                self.settled.append(finish)
                self.loop.schedule(after: .seconds(1), finish)
                self.speak()
                self.settle()
            }
        }
        if self.ownsLoop { await self.loop.stop() }
    }

    private func settle() {
        guard !self.settled.isEmpty, self.outgoing.withLock({ $0.queue.count == 0 }) else { return }
        let settled = self.settled
        self.settled = []
        for finish in settled { finish() }
    }

    /// Commands that have no answer yet.
    public var waitingCount: Int { self.outgoing.withLock { $0.queue.count } }

    /// Whether one more command would be taken, though it may have to wait.
    var hasRoom: Bool { self.outgoing.withLock { !$0.isClosed && $0.queue.hasRoom } }

    /// Commands that failed because too many waited.
    public var refusedCount: Int { self.outgoing.withLock { $0.queue.refused } }
}
