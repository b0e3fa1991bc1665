import PondCore
import PondNet
import PondRuntime

/// Drives one connection to a Redis server, and makes it anew whenever it is lost.
///
/// Belongs to its loop.
final class RedisLink {
    private let name: String
    private let loop: EventLoop
    private let address: RedisAddress
    /// Where a server of a Redis Cluster sent us; it holds for one connection.
    private var redirection: (host: String, port: Int)?
    private let options: RedisOptions
    private let tls: TLSClient?
    private var machine: RedisLinkMachine
    private var decoder: RESPDecoder
    private var channel: ByteChannel?
    private var connector: Connector?
    private var timer: TimerID?
    private var random = SystemRandomNumberGenerator()
    /// What the last connection was cut for.
    private var reason: String?

    /// Commands may be sent from here on.
    var whenReady: () -> Void = {}
    /// A value that is no answer to the link's own commands.
    var whenReceived: (RESPValue) -> Void = { _ in }
    /// Whether it had been ready; it will be again.
    var whenLost: (_ wasReady: Bool) -> Void = { _ in }

    init(name: String, address: RedisAddress, options: RedisOptions, tls: TLSClient?, loop: EventLoop) {
        self.name = name
        self.address = address
        self.options = options
        self.tls = tls
        self.loop = loop
        self.machine = RedisLinkMachine(greetings: address.greeting.count, backoff: options.backoff)
        self.decoder = RESPDecoder(maximumBytes: options.messageBytes)
    }

    var isReady: Bool { self.machine.isReady }

    /// Whether the socket keeps up; a slow server must not make the queue in front of it grow.
    var canTake: Bool { self.isReady && (self.channel?.queuedBytes ?? .max) < 1024 * 1024 }

    func start() { self.perform(self.machine.start()) }

    func send(_ command: [String]) {
        var bytes: [UInt8] = []
        RESPEncoder.append(command: command.map { Array($0.utf8) }, to: &bytes)
        self.channel?.write(bytes)
    }

    func send(_ bytes: [UInt8]) { self.channel?.write(bytes) }

    /// Cuts the connection, so that it is made anew.
    func renew(_ reason: String) {
        self.reason = reason
        self.redirection = Self.redirection(in: reason)
        self.channel?.abort()
    }

    /// The target of `MOVED 3999 127.0.0.1:6381`.
    private static func redirection(in reason: String) -> (host: String, port: Int)? {
        let words = reason.split(separator: " ")
        guard words.count == 3, words[0] == "MOVED", let colon = words[2].lastIndex(of: ":"),
            let port = Int(words[2][words[2].index(after: colon)...], radix: 10), (1...65_535).contains(port)
        else { return nil }
        return (String(words[2][..<colon]), port)
    }

    func close() {
        self.machine.closed()
        self.connector?.cancel()
        self.connector = nil
        if let timer = self.timer { self.loop.cancel(timer) }
        self.timer = nil
        self.channel?.close(within: .seconds(1))
    }

    private func perform(_ action: RedisLinkMachine.Action) {
        switch action {
        case .nothing: return
        case .connect: self.connect()
        case .greet:
            for command in self.address.greeting { self.send(command) }
            self.schedulePing(after: self.options.connectTimeout)
        case .ping:
            self.send(["PING"])
            self.schedulePing(after: self.options.pingInterval)
        case .cut(let reason): self.renew(reason)
        case .retry(let delay):
            self.setTimer(after: delay) { self.perform(self.machine.waited()) }
        }
    }

    private func connect() {
        self.decoder = RESPDecoder(maximumBytes: self.options.messageBytes)
        let target = self.redirection ?? (self.address.host, self.address.port)
        self.redirection = nil
        self.connector = Connector.connect(
            to: target.host.isEmpty ? self.address.host : target.host,
            port: target.port,
            tls: self.tls,
            on: self.loop,
            deadline: self.options.connectTimeout,
            resolver: self.options.resolver
        ) { result in
            self.connector = nil
            switch result {
            case .success(let channel):
                channel.receiver = self
                self.channel = channel
                self.perform(self.machine.connected())
            case .failure(let error):
                self.reason = error.message
                self.ended()
            }
        }
    }

    private func schedulePing(after delay: Duration) {
        self.setTimer(after: delay) { self.perform(self.machine.pingDue()) }
    }

    private func setTimer(after delay: Duration, _ body: @escaping () -> Void) {
        if let timer = self.timer { self.loop.cancel(timer) }
        self.timer = self.loop.schedule(after: delay) {
            self.timer = nil
            body()
        }
    }

    private func ended() {
        let wasReady = self.machine.isReady
        if let timer = self.timer { self.loop.cancel(timer) }
        self.timer = nil
        let action = self.machine.lost(random: Double.random(in: 0..<1, using: &self.random))
        if case .retry = action {
            let reason = self.reason ?? "closed by the server"
            self.options.log.log(.warning, "redis \(self.name) at \(self.address): \(reason)")
        }
        self.reason = nil
        self.whenLost(wasReady)
        self.perform(action)
    }

    private func take(_ value: RESPValue) {
        switch self.machine.received(value) {
        case .nothing: return
        case .value: self.whenReceived(value)
        case .cut(let reason): self.renew(reason)
        case .ready:
            self.schedulePing(after: self.options.pingInterval)
            self.whenReady()
        }
    }
}

extension RedisLink: ByteChannelReceiver {
    func channel(_ channel: ByteChannel, received bytes: UnsafeMutableRawBufferPointer) {
        guard channel === self.channel else { return }
        var input = UnsafeRawBufferPointer(bytes)
        do throws(RESPFault) {
            while let value = try self.decoder.next(&input) {
                self.take(value)
                guard channel.isOpen else { return }
            }
        } catch {
            self.renew("not Redis' protocol: \(error)")
        }
    }

    func channel(_ channel: ByteChannel, ended end: ByteChannelEnd) {
        guard channel === self.channel else { return }
        self.channel = nil
        if self.reason == nil { self.reason = "\(end)" }
        self.ended()
    }
}
