public import PondCore
import PondNet
public import PondRuntime

/// A client of a PondSocket server: one connection that comes back by itself, and the channels on it.
///
/// ```swift
/// let client = try PondClient("ws://localhost:4000/socket", params: ["username": "ann"])
/// let channel = client.createChannel("/chat/lobby")
/// try channel.onMessageEvent("message") { print($0.payload) }
/// try await channel.joined()
/// try channel.sendMessage("message", ["text": "hello"])
/// ```
///
/// Everything may be called from any thread; listeners are called on the client's loop, so let them be short.
/// A call shows at once in what the program reads next: after `disconnect()` the state is DISCONNECTED.
/// The client lives as long as the program holds it, one of its channels, or a sequence of either. Then it disconnects.
/// A listener of a channel that captures the channel holds it, too, until the channel is left.
public final class PondClient: Sendable {
    /// The loop that the client works on.
    public let loop: EventLoop
    private let options: PondClientOptions
    private let shared: ClientShared
    private let driver: LoopConfined<ClientDriver>
    private let lifetime: ClientLifetime
    private let channels = Lock<[String: ClientChannel]>([:])

    private static let sharedLoop: EventLoop = {
        let loop = EventLoop(name: "pond-client")
        loop.start()
        return loop
    }()

    /// A client of the endpoint at a `ws`, `wss`, `http` or `https` URL; `params` become part of its query.
    public init(
        _ url: String,
        params: [String: String] = [:],
        options: PondClientOptions = PondClientOptions()
    ) throws(PondError) {
        var target = try ClientTarget(url: url)
        for (name, value) in params.sorted(by: { $0.key < $1.key }) { target.addQuery(name, value) }
        target.headers = options.headers
        if target.isSecure { target.tls = try TLSClient(options.tls) }
        target.limits = options.limits
        let connector = options.connector ?? WebSocketConnector()
        let stored = try options.outbox?.load() ?? StoredOutbox()
        let loop = options.loop ?? Self.sharedLoop
        self.loop = loop
        self.options = options
        self.shared = ClientShared(status: ConnectionMachine().status)
        self.driver = LoopConfined(
            ClientDriver(
                base: target,
                options: options,
                connector: connector,
                loop: loop,
                shared: self.shared,
                stored: stored
            ),
            to: loop
        )
        self.lifetime = ClientLifetime(self.driver, on: loop)
    }

    // MARK: Connection

    /// Connects, and stays connected until `disconnect()`.
    public func connect() {
        self.shared.askToConnect()
        self.perform { $0.connect() }
    }

    /// Disconnects and stays so; joined channels are STALLED and join again after another `connect()`.
    public func disconnect() {
        self.shared.askToDisconnect()
        self.perform { $0.disconnect() }
    }

    /// Tries at once instead of at the end of the present wait.
    public func reconnectNow() {
        self.shared.askToConnect(onlyWhileWaiting: true)
        self.perform { $0.reconnectNow() }
    }

    private func perform(_ call: @escaping @Sendable (ClientDriver) -> Void) {
        self.loop.execute { [driver, shared] in
            call(driver.value)
            shared.carriedOut()
        }
    }

    /// Everything there is to show about the connection.
    public var status: ConnectionStatus { self.shared.status }

    /// Where the connection stands.
    public var state: ConnectionState { self.shared.status.state }

    /// Waits until the connection is up, for at most `timeout`.
    ///
    /// Throws the last error when the client gives up or has given up, a 409 after `disconnect()`, a 408 after
    /// `timeout`, and when the task is cancelled. Connects where the program has not called `connect()`.
    public func connected(timeout: Duration? = nil) async throws(PondError) {
        let (loop, driver) = (self.loop, self.driver)
        let error: PondError? = await waitOnLoop(
            submit: { (work: @escaping @Sendable (ClientDriver) -> Void) in loop.submit { work(driver.value) } },
            stopped: .over("The client's loop has stopped"),
            begin: { driver, id, end in driver.waitForConnection(id: id, timeout: timeout, ended: end) },
            cancelled: { _, _, end in end(.over("Cancelled")) },
            forget: { driver, id in driver.forget(id: id) }
        )
        if let error { throw error }
    }

    /// The status now, and every change of the state or its reason.
    public var connectionChanges: ClientSequence<ConnectionStatus> {
        ClientSequence(
            self.shared.connectionChanges,
            beginningWith: { self.shared.status },
            capacity: self.options.sequenceCapacity,
            keeping: self.lifetime
        )
    }

    /// Calls back for every change of the state or its reason.
    @discardableResult
    public func onConnectionChange(_ listener: @escaping @Sendable (ConnectionStatus) -> Void) -> ClientSubscription {
        self.shared.connectionChanges.add(listener)
    }

    /// Errors that no call throws: failed attempts, errors that answer no request. For one consumer; ends with the client.
    public var errors: ClientSequence<PondError> {
        ClientSequence(self.shared.errors, capacity: self.options.sequenceCapacity, keeping: self.lifetime)
    }

    /// Every measured round trip to the server, for one consumer; ends with the client.
    public var lags: ClientSequence<Duration> {
        ClientSequence(self.shared.lags, capacity: self.options.sequenceCapacity, keeping: self.lifetime)
    }

    /// Messages of the server that belong to no channel, for one consumer; ends with the client.
    public var messages: ClientSequence<ServerMessage> {
        ClientSequence(self.shared.messages, capacity: self.options.sequenceCapacity, keeping: self.lifetime)
    }

    /// Calls back for every measured round trip to the server.
    @discardableResult
    public func onLag(_ listener: @escaping @Sendable (Duration) -> Void) -> ClientSubscription {
        self.shared.lags.add(listener)
    }

    /// Calls back for errors that no call throws: failed attempts, errors that answer no request.
    @discardableResult
    public func onError(_ listener: @escaping @Sendable (PondError) -> Void) -> ClientSubscription {
        self.shared.errors.add(listener)
    }

    /// Calls back for messages of the server that belong to no channel, such as a connection handler's reply.
    @discardableResult
    public func onMessage(_ listener: @escaping @Sendable (ServerMessage) -> Void) -> ClientSubscription {
        self.shared.messages.add(listener)
    }

    // MARK: Channels

    /// The channel of that name: the live one where there is one, else a new one that sends `params` with its join.
    public func createChannel(_ name: String, params: Payload = .empty) -> ClientChannel {
        self.channels.withLock { channels in
            if let live = channels[name], !live.isOver { return live }
            let channel = ClientChannel(
                name: name,
                params: params,
                options: self.options,
                loop: self.loop,
                client: self.driver,
                lifetime: self.lifetime,
                clientShared: self.shared
            )
            channels = channels.filter { !$0.value.isOver }
            channels[name] = channel
            return channel
        }
    }

    /// The live channel of that name.
    public func channel(_ name: String) -> ClientChannel? {
        self.channels.withLock { channels in channels[name].flatMap { $0.isOver ? nil : $0 } }
    }
}
