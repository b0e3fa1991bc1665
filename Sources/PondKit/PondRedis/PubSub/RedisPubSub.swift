public import PondCore
import PondNet
public import PondRuntime
public import PondServer

/// A `PubSub` over one Redis server: nodes anywhere, of this runtime and of the others.
///
/// ```swift
/// let pubSub = try RedisPubSub("redis://127.0.0.1:6379")
/// ```
///
/// Two connections, one to publish and one to hear, each made anew when it is lost. While the server is away messages
/// wait, up to a bound; what is lost is counted, and subscribers are told that they were cut off.
/// `@unchecked Sendable`: `state` is guarded by its lock; everything else that changes is touched on `loop` only.
public final class RedisPubSub: PubSub, @unchecked Sendable {
    private struct State {
        var nextNumber: UInt64 = 1
        var received = 0
        var reconnects = 0
        var isConnected = false
    }

    private let loop: EventLoop
    private let ownsLoop: Bool
    private let options: RedisOptions
    private let state = Lock(State())
    private let hearing: RedisLink
    private let speaker: RedisSpeaker<RedisOutbox>
    private var subscriptions: RedisSubscriptions
    private var hasHeard = false
    /// The losses that the nodes were told to make good.
    private var madeGood = 0

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
        self.subscriptions = RedisSubscriptions(isSharded: options.isSharded)
        self.hearing = RedisLink(name: "subscriber", address: address, options: options, tls: tls, loop: running)
        self.speaker = RedisSpeaker(
            RedisOutbox(
                maximumMessages: options.waitingMessages,
                maximumBytes: options.waitingBytes,
                verb: options.isSharded ? "SPUBLISH" : "PUBLISH"
            ),
            over: RedisLink(name: "publisher", address: address, options: options, tls: tls, loop: running),
            on: running
        )
        if loop == nil { running.start() }
        running.execute { self.begin() }
    }

    private func begin() {
        self.hearing.whenReady = { [weak self] in self?.hearingReady() }
        self.hearing.whenLost = { [weak self] wasReady in self?.hearingLost(wasReady) }
        self.hearing.whenReceived = { [weak self] value in self?.heard(value) }
        let speaking = self.speaker.link
        speaking.whenReady = { [weak self] in self?.speakingReady() }
        speaking.whenLost = { [weak self] _ in self?.speakingLost() }
        speaking.whenReceived = { [weak self] value in self?.answered(value) }
        self.hearing.start()
        speaking.start()
    }

    deinit {
        let links = LoopConfined((self.hearing, self.speaker.link), to: self.loop)
        self.loop.execute {
            links.value.0.close()
            links.value.1.close()
        }
    }

    // MARK: Subscribing

    public func subscribe(
        to pattern: String,
        receive: @escaping @Sendable (PubSubSignal) -> Void
    ) throws(PondError) -> PubSubSubscription {
        let pattern = TopicPattern(pattern)
        if case .beginning = pattern, self.options.isSharded {
            throw PondError(code: 400, kind: .badRequest, message: "Sharded topics are heard by name only")
        }
        if self.speaker.isClosed { throw .pubSubClosed }
        let number = self.state.withLock { state in
            defer { state.nextNumber += 1 }
            return state.nextNumber
        }
        self.loop.execute {
            let (command, isHeard) = self.subscriptions.add(number, pattern, receive)
            if let command { self.hearing.send(command) }
            if isHeard { receive(.subscribed) }
        }
        return PubSubSubscription(number: number)
    }

    public func unsubscribe(_ subscription: PubSubSubscription) {
        self.loop.execute {
            if let command = self.subscriptions.remove(subscription.number) { self.hearing.send(command) }
        }
    }

    private func hearingReady() {
        self.state.withLock { state in
            state.isConnected = true
            if self.hasHeard { state.reconnects += 1 }
        }
        self.hasHeard = true
        for command in self.subscriptions.connected() { self.hearing.send(command) }
    }

    private func hearingLost(_ wasReady: Bool) {
        guard wasReady else { return }
        self.state.withLock { $0.isConnected = false }
        for receive in self.subscriptions.lost() { receive(.interrupted) }
    }

    private func heard(_ value: RESPValue) {
        if case .error(let text) = value {
            return self.hearing.renew(String(decoding: text, as: UTF8.self))
        }
        let deliveries = self.subscriptions.received(value)
        guard !deliveries.isEmpty else { return }
        self.state.withLock { state in
            for case (_, .message) in deliveries { state.received += 1 }
        }
        for (receive, signal) in deliveries { receive(signal) }
    }

    // MARK: Publishing

    public func publish(_ message: [UInt8], to topic: String) throws(PondError) {
        let isTaken = self.speaker.add { outbox in
            outbox.add(RedisOutbox.Message(topic: topic, bytes: message))
            return true
        }
        if !isTaken { throw .pubSubClosed }
    }

    private func speakingReady() {
        self.speaker.speak()
        let lost = self.speaker.withWaiting { $0.lost }
        guard lost > self.madeGood else { return }
        self.madeGood = lost
        // Others did not hear what was lost: the nodes have to compare what they know.
        for receive in self.subscriptions.lostMessages() {
            receive(.interrupted)
            receive(.subscribed)
        }
    }

    private func speakingLost() {
        self.speaker.withWaiting { $0.cut() }
        self.speaker.settle()
    }

    private func answered(_ value: RESPValue) {
        var fault: String?
        if case .error(let text) = value { fault = String(decoding: text, as: UTF8.self) }
        self.speaker.withWaiting { $0.answered(isError: fault != nil) }
        if let fault {
            self.options.log.log(.error, "redis refused a message: \(fault)")
            // A replica that was a master: the name leads to the new one by now, or will.
            if ["READONLY", "MASTERDOWN", "MOVED"].contains(where: fault.hasPrefix) { self.speaker.link.renew(fault) }
            // What is published to the new one may not reach those who hear the old one.
            if fault.hasPrefix("READONLY") { self.hearing.renew(fault) }
        }
        self.speaker.settle()
    }

    // MARK: The end

    /// Ends all subscriptions after what was published is on its way, or after a second.
    public func close() async {
        let isClosed = await self.speaker.close {
            self.speaker.withWaiting { outbox in
                outbox.cut()
                outbox.drop()
            }
            self.state.withLock { $0.isConnected = false }
            self.hearing.close()
            self.speaker.link.close()
        }
        if isClosed, self.ownsLoop { await self.loop.stop() }
    }

    public var statistics: PubSubStatistics {
        let outbox = self.speaker.withWaiting { $0 }
        let state = self.state.withLock { $0 }
        var statistics = PubSubStatistics()
        statistics.published = outbox.published
        statistics.received = state.received
        statistics.lost = outbox.lost
        statistics.reconnects = state.reconnects
        statistics.waiting = outbox.waitingCount + outbox.inFlight
        statistics.isConnected = state.isConnected
        return statistics
    }
}
