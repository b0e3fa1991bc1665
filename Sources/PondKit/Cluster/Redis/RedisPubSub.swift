/// A `PubSub` over one Redis server: nodes anywhere, of this runtime and of the others.
///
/// ```swift
/// let pubSub = try RedisPubSub("redis://127.0.0.1:6379")
/// ```
///
/// Two connections, one to publish and one to hear, each made anew when it is lost. While the server is away messages
/// wait, up to a bound; what is lost is counted, and subscribers are told that they were cut off.
/// `@unchecked Sendable`: `outgoing` is guarded by its lock; everything else that changes is touched on `loop` only.
public final class RedisPubSub: PubSub, @unchecked Sendable {
    private struct Outgoing {
        var outbox: RedisOutbox
        var isScheduled = false
        var isClosed = false
        var nextNumber: UInt64 = 1
        var received = 0
        var reconnects = 0
        var isConnected = false
    }

    private let loop: EventLoop
    private let ownsLoop: Bool
    private let options: RedisOptions
    private let outgoing: Lock<Outgoing>
    private let hearing: RedisLink
    private let speaking: RedisLink
    private var subscriptions: RedisSubscriptions
    private var hasHeard = false
    /// Whether sending goes on by itself when the server has caught up.
    private var isWaiting = false
    /// The losses that the nodes were told to make good.
    private var madeGood = 0
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
                outbox: RedisOutbox(maximumMessages: options.waitingMessages, maximumBytes: options.waitingBytes)
            )
        )
        self.subscriptions = RedisSubscriptions(isSharded: options.isSharded)
        self.hearing = RedisLink(name: "subscriber", address: address, options: options, tls: tls, loop: running)
        self.speaking = RedisLink(name: "publisher", address: address, options: options, tls: tls, loop: running)
        if loop == nil { running.start() }
        running.execute { self.begin() }
    }

    private func begin() {
        self.hearing.whenReady = { [weak self] in self?.hearingReady() }
        self.hearing.whenLost = { [weak self] wasReady in self?.hearingLost(wasReady) }
        self.hearing.whenReceived = { [weak self] value in self?.heard(value) }
        self.speaking.whenReady = { [weak self] in self?.speakingReady() }
        self.speaking.whenLost = { [weak self] _ in self?.speakingLost() }
        self.speaking.whenReceived = { [weak self] value in self?.answered(value) }
        self.hearing.start()
        self.speaking.start()
    }

    deinit {
        let links = LoopConfined((self.hearing, self.speaking), to: self.loop)
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
        let number = try self.outgoing.withLock { (outgoing) throws(PondError) in
            if outgoing.isClosed { throw .pubSubClosed }
            defer { outgoing.nextNumber += 1 }
            return outgoing.nextNumber
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
        self.outgoing.withLock { outgoing in
            outgoing.isConnected = true
            if self.hasHeard { outgoing.reconnects += 1 }
        }
        self.hasHeard = true
        for command in self.subscriptions.connected() { self.hearing.send(command) }
    }

    private func hearingLost(_ wasReady: Bool) {
        guard wasReady else { return }
        self.outgoing.withLock { $0.isConnected = false }
        for receive in self.subscriptions.lost() { receive(.interrupted) }
    }

    private func heard(_ value: RESPValue) {
        if case .error(let text) = value {
            return self.hearing.renew(String(decoding: text, as: UTF8.self))
        }
        let deliveries = self.subscriptions.received(value)
        guard !deliveries.isEmpty else { return }
        self.outgoing.withLock { outgoing in
            for case (_, .message) in deliveries { outgoing.received += 1 }
        }
        for (receive, signal) in deliveries { receive(signal) }
    }

    // MARK: Publishing

    public func publish(_ message: [UInt8], to topic: String) throws(PondError) {
        let mustSchedule = try self.outgoing.withLock { (outgoing) throws(PondError) in
            if outgoing.isClosed { throw .pubSubClosed }
            outgoing.outbox.add(RedisOutbox.Message(topic: topic, bytes: message))
            defer { outgoing.isScheduled = true }
            return !outgoing.isScheduled
        }
        if mustSchedule { self.loop.execute { self.speak() } }
    }

    /// Sends what waits, all of it in one go.
    private func speak() {
        guard self.speaking.canTake else {
            self.outgoing.withLock { $0.isScheduled = false }
            if self.speaking.isReady, !self.isWaiting {
                // In another turn: what only waits for the end of this one is gone then.
                self.isWaiting = true
                self.loop.schedule(after: .milliseconds(2)) { [weak self] in
                    self?.isWaiting = false
                    self?.speak()
                }
            }
            return
        }
        let verb = Array((self.options.isSharded ? "SPUBLISH" : "PUBLISH").utf8)
        var bytes: [UInt8] = []
        let isMore = self.outgoing.withLock { outgoing in
            outgoing.isScheduled = false
            while bytes.count < 256 * 1024, let message = outgoing.outbox.next() {
                RESPEncoder.append(command: [verb, Array(message.topic.utf8), message.bytes], to: &bytes)
            }
            outgoing.isScheduled = outgoing.outbox.waitingCount > 0
            return outgoing.isScheduled
        }
        if !bytes.isEmpty { self.speaking.send(bytes) }
        if isMore { self.loop.execute { self.speak() } }
    }

    private func speakingReady() {
        self.speak()
        let lost = self.outgoing.withLock { $0.outbox.lost }
        guard lost > self.madeGood else { return }
        self.madeGood = lost
        // Others did not hear what was lost: the nodes have to compare what they know.
        for receive in self.subscriptions.hearing {
            receive(.interrupted)
            receive(.subscribed)
        }
    }

    private func speakingLost() {
        self.outgoing.withLock { $0.outbox.cut() }
        self.settle()
    }

    private func answered(_ value: RESPValue) {
        var fault: String?
        if case .error(let text) = value { fault = String(decoding: text, as: UTF8.self) }
        self.outgoing.withLock { $0.outbox.answered(isError: fault != nil) }
        if let fault {
            self.options.log.log(.error, "redis refused a message: \(fault)")
            // A replica that was a master: the name leads to the new one by now, or will.
            if ["READONLY", "MASTERDOWN", "MOVED"].contains(where: fault.hasPrefix) { self.speaking.renew(fault) }
            // What is published to the new one may not reach those who hear the old one.
            if fault.hasPrefix("READONLY") { self.hearing.renew(fault) }
        }
        self.settle()
    }

    // MARK: The end

    /// Ends all subscriptions after what was published is on its way, or after a second.
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
                    self.outgoing.withLock { outgoing in
                        outgoing.outbox.cut()
                        outgoing.outbox.drop()
                        outgoing.isConnected = false
                    }
                    self.hearing.close()
                    self.speaking.close()
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
        guard !self.settled.isEmpty, self.outgoing.withLock({ $0.outbox.isSettled }) else { return }
        let settled = self.settled
        self.settled = []
        for finish in settled { finish() }
    }

    public var statistics: PubSubStatistics {
        self.outgoing.withLock { outgoing in
            var statistics = PubSubStatistics()
            statistics.published = outgoing.outbox.published
            statistics.received = outgoing.received
            statistics.lost = outgoing.outbox.lost
            statistics.reconnects = outgoing.reconnects
            statistics.waiting = outgoing.outbox.waitingCount + outgoing.outbox.inFlight
            statistics.isConnected = outgoing.isConnected
            return statistics
        }
    }
}
