import PondKit
import PondTesting

/// A client on a loop that only the test runs, under a clock that only the test moves, before a server that it plays.
///
/// `@unchecked Sendable`: everything happens on the thread of the test, which runs the loop.
final class ClientStage: @unchecked Sendable {
    let clock = ManualClock()
    let loop: EventLoop
    let connector = ScriptedConnector()
    let client: PondClient
    private(set) var transport: ScriptedTransport?
    private(set) var errors: [PondError] = []
    private(set) var connectionLog: [String] = []
    private var nextServerID = 0

    static let secondVersion: JSON = [
        "id": "user-1", "connectionId": "c", "pond": ["v": 2, "session": "token-1", "resume": 15],
    ]
    static let firstVersion: JSON = ["id": "user-1", "connectionId": "user-1"]

    init(
        url: String = "ws://pond.test:4000/socket",
        params: [String: String] = [:],
        change: (inout PondClientOptions) -> Void = { _ in }
    ) throws {
        self.loop = EventLoop(name: "stage", clock: self.clock)
        var options = PondClientOptions()
        options.loop = self.loop
        options.connector = self.connector
        options.random = { 0.5 }
        options.network = nil
        change(&options)
        self.client = try PondClient(url, params: params, options: options)
        self.client.onError { [weak self] in self?.errors.append($0) }
        self.client.onConnectionChange { [weak self] in
            self?.connectionLog.append("\($0.state.rawValue): \($0.reason)")
        }
        self.run()
    }

    func run() { self.loop.runUntilIdle() }

    func advance(by duration: Duration) {
        self.clock.advance(by: duration)
        self.run()
    }

    /// Runs on the loop, then until nothing is left to do.
    func play(_ work: @escaping () -> Void) {
        let act = LoopConfined(work, to: self.loop)
        self.loop.execute { act.value() }
        self.run()
    }

    /// Gives the last attempt a socket, without a greeting.
    @discardableResult
    func open() -> ScriptedTransport? {
        guard let attempt = self.connector.attempts.last else { return nil }
        let transport = ScriptedTransport(target: attempt.target)
        self.transport = transport
        self.play { attempt.completion(.success(transport)) }
        return transport
    }

    func fail(_ error: PondError) {
        guard let attempt = self.connector.attempts.last else { return }
        self.play { attempt.completion(.failure(error)) }
    }

    /// Connects all the way.
    func connect(greeting: JSON = ClientStage.secondVersion) {
        self.client.connect()
        self.run()
        self.open()
        self.greet(greeting)
    }

    func greet(_ greeting: JSON = ClientStage.secondVersion) {
        self.say(.connect, "CONNECTION", "GATEWAY", payload: greeting)
    }

    /// Loses the connection and connects again.
    func reconnect(greeting: JSON = ClientStage.secondVersion) {
        self.cut()
        self.comeBack(greeting: greeting)
    }

    func cut() { self.play { [transport] in transport?.end() } }

    func comeBack(greeting: JSON = ClientStage.secondVersion) {
        self.client.reconnectNow()
        self.run()
        self.open()
        self.greet(greeting)
    }

    func say(
        _ action: ServerAction,
        _ event: String,
        _ channel: String,
        _ requestId: String? = nil,
        offset: UInt64? = nil,
        payload: JSON = [:]
    ) {
        let text = self.text(action, event, channel, requestId, offset: offset, payload: payload)
        self.play { [transport] in transport?.say(text) }
    }

    func text(
        _ action: ServerAction,
        _ event: String,
        _ channel: String,
        _ requestId: String? = nil,
        offset: UInt64? = nil,
        payload: JSON = [:]
    ) -> String {
        self.nextServerID += 1
        let message = ServerMessage(
            action: action,
            event: event,
            channelName: channel,
            requestId: requestId ?? "server-\(self.nextServerID)",
            offset: offset,
            payload: Payload(payload)
        )
        return String(decoding: message.encoded(), as: UTF8.self)
    }

    func take() -> [ClientMessage] { self.transport?.take() ?? [] }

    /// Makes a channel and joins it all the way.
    func join(_ name: String = "/chat/1", answer: JSON = [:]) -> ClientChannel {
        let channel = self.client.createChannel(name)
        channel.join()
        self.run()
        self.acknowledge(name, answer: answer)
        return channel
    }

    /// Answers the JOIN that was sent last for this channel. Returns the JOIN.
    @discardableResult
    func acknowledge(_ name: String = "/chat/1", answer: JSON = [:]) -> ClientMessage? {
        let join = self.take().last { $0.action == .joinChannel && $0.channelName == name }
        if let join { self.say(.system, "ACKNOWLEDGE", name, join.requestId, payload: answer) }
        return join
    }
}
