public import PondCore
import PondNet
public import PondRuntime

/// A connection to a Redis server that runs scripts, made anew whenever it is lost; histories and sessions share one.
///
/// ```swift
/// let redis = try RedisClient("redis://127.0.0.1:6379")
/// lobby.keepHistory(in: RedisHistoryStore(redis))
/// ```
///
/// While the server is away commands wait, up to a bound; those beyond it fail at once.
/// `@unchecked Sendable`: what changes without a lock of its own is touched on `loop` only.
public final class RedisClient: @unchecked Sendable {
    let options: RedisOptions
    let loop: EventLoop
    private let ownsLoop: Bool
    private let speaker: RedisSpeaker<RedisCommandQueue>
    private let listeners = Lock<[@Sendable () -> Void]>([])
    private var wasReady = false

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
        self.speaker = RedisSpeaker(
            RedisCommandQueue(maximumCommands: options.waitingMessages, maximumBytes: options.waitingBytes),
            over: RedisLink(name: "store", address: address, options: options, tls: tls, loop: running),
            on: running
        )
        if loop == nil { running.start() }
        running.execute { self.begin() }
    }

    private func begin() {
        let link = self.speaker.link
        link.whenReady = { [weak self] in self?.ready() }
        link.whenLost = { [weak self] _ in self?.speaker.withWaiting { $0.cut() } }
        link.whenReceived = { [weak self] value in self?.answered(value) }
        link.start()
    }

    deinit {
        let link = LoopConfined(self.speaker.link, to: self.loop)
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
        guard !self.speaker.add({ $0.add(command) }) else { return }
        self.loop.execute { command.then(.failure(.unavailable("The cluster's store cannot be reached"))) }
    }

    /// Does something after a while, on the client's loop.
    package func after(_ delay: Duration, _ body: @escaping @Sendable () -> Void) {
        self.loop.execute { [loop] in loop.schedule(after: delay, body) }
    }

    /// Hears of every connection but the first: what the server knew may be gone. Called on the client's loop.
    func onReturn(_ body: @escaping @Sendable () -> Void) { self.listeners.withLock { $0.append(body) } }

    private func ready() {
        let isReturn = self.wasReady
        self.wasReady = true
        if isReturn { for listener in self.listeners.withLock({ $0 }) { listener() } }
        self.speaker.speak()
    }

    private func answered(_ value: RESPValue) {
        switch self.speaker.withWaiting({ $0.answered(value) }) {
        case .nothing: break
        case .renew(let reason): self.speaker.link.renew(reason)
        case .done(let then, .error(let text)):
            let text = String(decoding: text, as: UTF8.self)
            self.options.log.log(.error, "redis refused a command: \(text)")
            var error = PondError.unavailable("The cluster's store refused")
            error.underlying = text
            then(.failure(error))
        case .done(let then, let value): then(.success(value))
        }
        self.speaker.settle()
    }

    // MARK: The end

    /// Ends after what waits was answered, or after a second; what has no answer then fails.
    public func close() async {
        let isClosed = await self.speaker.close {
            for then in self.speaker.withWaiting({ $0.drop() }) {
                then(.failure(.unavailable("The cluster's store is closed")))
            }
            self.speaker.link.close()
        }
        if isClosed, self.ownsLoop { await self.loop.stop() }
    }

    /// Commands that have no answer yet.
    public var waitingCount: Int { self.speaker.withWaiting { $0.count } }

    /// Whether one more command would be taken, though it may have to wait.
    var hasRoom: Bool { !self.speaker.isClosed && self.speaker.withWaiting { $0.hasRoom } }

    /// Commands that failed because too many waited.
    public var refusedCount: Int { self.speaker.withWaiting { $0.refused } }
}
