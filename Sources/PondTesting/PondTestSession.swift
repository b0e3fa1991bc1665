public import PondKit

/// A client of a server under test; used on the test's thread.
public final class PondTestSession {
    private let driver: PondTestDriver
    private let loop: EventLoop
    private let mailbox = TestMailbox()
    private var requests = 0

    init(driver: PondTestDriver, loop: EventLoop) {
        self.driver = driver
        self.loop = loop
    }

    /// The user's public id, from the greeting.
    public private(set) var userId = ""
    /// The connection's own id, from the greeting.
    public private(set) var connectionId = ""
    /// The greeting that opened the session.
    public private(set) var greeting: ServerMessage?

    /// What the connection handler declined with, once it did.
    public var refusal: PondError? {
        self.driver.run()
        return self.mailbox.refusal
    }

    func open(_ request: ConnectionRequest) {
        let pond = self.driver.pond
        let loop = self.loop
        let mailbox = self.mailbox
        loop.execute {
            pond.open(request, on: loop) { answer in
                switch answer {
                case .decline(let status, let message, let headers):
                    mailbox.refuse(PondError(declined: status, message: message, headers: headers))
                case .accept(let accepted):
                    let limits = pond.options.limits
                    let (server, client) = MemoryTransport.pair(loop, loop, kind: request.kind, limits: limits)
                    mailbox.attach(client)
                    accepted.attach(server)
                }
            }
        }
    }

    // Sending

    /// Asks to join a channel; the id of the request.
    @discardableResult
    public func join(_ channel: String, _ params: Payload = .empty) -> String {
        self.send(ClientMessage(action: .joinChannel, event: "JOIN_CHANNEL", channelName: channel, params, self.next()))
    }

    /// Asks to leave a channel; the id of the request.
    @discardableResult
    public func leave(_ channel: String) -> String {
        self.send(
            ClientMessage(action: .leaveChannel, event: "LEAVE_CHANNEL", channelName: channel, .empty, self.next())
        )
    }

    /// Sends an event to a channel; the id of the request.
    @discardableResult
    public func send(_ channel: String, _ event: String, _ payload: Payload = .empty) -> String {
        self.send(ClientMessage(action: .broadcast, event: event, channelName: channel, payload, self.next()))
    }

    /// Sends a message as it is; the id of the request.
    @discardableResult
    public func send(_ message: ClientMessage) -> String {
        self.send(bytes: message.encoded())
        return message.requestId
    }

    /// Sends any text, such as one that is no message.
    public func send(text: String) { self.send(bytes: Array(text.utf8)) }

    private func send(bytes: [UInt8]) {
        let frame = Frame(text: bytes, event: "")
        self.onLoop { $0?.send(frame) }
    }

    private func next() -> String {
        self.requests += 1
        return "r\(self.requests)"
    }

    // Receiving

    /// The next message, after everything that is due has run; `nil` when there is none.
    public func receive() -> ServerMessage? {
        self.driver.run()
        self.greet()
        return self.mailbox.next()
    }

    /// Every message that has come, after everything that is due has run.
    public func receiveAll() -> [ServerMessage] {
        var messages: [ServerMessage] = []
        while let message = self.receive() { messages.append(message) }
        return messages
    }

    /// The next message, also when a handler waits for something that runs elsewhere; `nil` after ten seconds.
    public func nextMessage() async -> ServerMessage? {
        let deadline = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < deadline {
            if let message = self.receive() { return message }
            await Task.yield()
        }
        return nil
    }

    /// How the connection ended; `nil` while it has not.
    public var end: TransportEnd? {
        self.driver.run()
        return self.mailbox.end
    }

    private func greet() {
        guard self.greeting == nil, let message = self.mailbox.next() else { return }
        self.greeting = message
        self.userId = message.payload["id"]?.string ?? ""
        self.connectionId = message.payload["connectionId"]?.string ?? ""
    }

    /// Takes the greeting, so that the ids are known from the start.
    func begin() { self.greet() }

    // The connection

    /// Closes the connection as a well-behaved client does.
    public func close(code: UInt16 = 1000, reason: String = "") {
        self.onLoop { $0?.close(code: code, reason: reason) }
    }

    /// Drops the connection as a network does.
    public func abort() { self.onLoop { $0?.abort() } }

    /// Stops taking what the server sends, as a slow client does.
    public func pauseReading() { self.onLoop { $0?.pauseReading() } }

    /// Takes what the server has sent meanwhile.
    public func resumeReading() { self.onLoop { $0?.resumeReading() } }

    private func onLoop(_ body: @escaping @Sendable (MemoryTransport?) -> Void) {
        let mailbox = self.mailbox
        self.loop.execute { body(mailbox.transport) }
    }
}

extension ClientMessage {
    fileprivate init(
        action: ClientAction,
        event: String,
        channelName: String,
        _ payload: Payload,
        _ requestId: String
    ) {
        self.init(action: action, event: event, channelName: channelName, requestId: requestId, payload: payload)
    }
}
