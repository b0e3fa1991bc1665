import PondCore
import PondNet
import PondRuntime

/// Carries out what the connection's machine decides: the one place of the client that acts. Confined to its loop.
final class ClientDriver {
    let loop: EventLoop
    let options: PondClientOptions
    let shared: ClientShared
    /// What the server we are connected to can do.
    private(set) var abilities = ServerAbilities()
    /// What survives the process.
    let storage: ClientStorage
    private let base: ClientTarget
    /// Reports changes of the network until it is released.
    private var networkWatch: AnyObject?
    private let connector: any ClientConnector
    private var machine: ConnectionMachine
    private var transport: (any Transport)?
    /// Names the attempt that is wanted; whatever an older one brings is dropped.
    private var attempt: UInt64 = 0
    private var timer: TimerID?
    private var channels: [any ConnectedChannel] = []
    /// The requests of channels that are over.
    private var owed: OwedAnswers
    private var session: String?
    /// The number of attempts that failed here and may still reach a server, which takes the session over for each.
    private var strayAttempts = 0
    /// Bounds how often two clients with one session take it from each other.
    private static let maximumStrayAttempts = 8
    private var lastUserId: String?
    /// The token of the present attempt.
    private var token: String?
    /// The token that the server refused last, with its error.
    private var refusedToken: (token: String, error: PondError)?
    /// Callers that wait until the connection is up.
    private let connectionWaiters: Waiters
    private var isNotingAnswers = false
    /// What the transport had not handed to the kernel when it was last asked whether it makes progress.
    private var unsentBytes = 0

    init(
        base: ClientTarget,
        options: PondClientOptions,
        connector: any ClientConnector,
        loop: EventLoop,
        shared: ClientShared,
        stored: StoredOutbox = StoredOutbox()
    ) {
        self.storage = ClientStorage(options.outbox, stored: stored, errors: shared.errors)
        self.session = stored.session?.token
        self.lastUserId = stored.session?.userId
        self.base = base
        self.options = options
        self.connector = connector
        self.loop = loop
        self.connectionWaiters = Waiters(loop: loop)
        self.shared = shared
        self.machine = ConnectionMachine(settings: options.connection)
        self.owed = OwedAnswers(bound: options.limits.inFlightRequests)
    }

    /// Whether the server we were connected to last gives the session back after a lost connection.
    var keepsSession: Bool { self.abilities.session != nil && self.options.resumesSessions }
    var isConnected: Bool { self.machine.isConnected }
    var confirmsSends: Bool { self.abilities.isSecondVersion && self.options.confirmsSends }

    /// Why there is no connection and none will come by itself.
    var finalError: PondError? { self.machine.finalError }

    // MARK: What the program wants

    func connect() {
        self.watchNetwork()
        if self.machine.connect(now: self.loop.now) == .open { self.open() }
        self.publish()
    }

    /// Connects where the program has called neither `connect()` nor `disconnect()`.
    func connectUnlessAsked() {
        if self.machine.status.reason == .notStarted { self.connect() }
    }

    func reconnectNow() {
        if self.machine.reconnectNow(now: self.loop.now) == .open { self.open() }
        self.publish()
    }

    func disconnect() {
        self.noteStrayAttempt()
        let action = self.machine.disconnect(now: self.loop.now)
        self.attempt += 1
        self.publish()
        let transport = self.detach()
        self.connectionWaiters.completeAll(Self.disconnectedError)
        for channel in self.channels { channel.disconnected(Self.disconnectedError, wanted: true) }
        if action == .close { transport?.close(code: 1000, reason: "") }
    }

    private static let disconnectedError = PondError.over(
        "The client was disconnected: the program called disconnect()"
    )

    func waitForConnection(id: String, timeout: Duration?, ended: @escaping @Sendable (PondError?) -> Void) {
        guard !self.machine.isConnected else { return ended(nil) }
        if let error = self.finalError { return ended(error) }
        guard self.machine.status.reason != .disconnectRequested else { return ended(Self.disconnectedError) }
        self.connectUnlessAsked()
        self.connectionWaiters.add(id, for: "The connection", timeout: timeout, complete: ended)
    }

    /// Nobody waits for the connection under that id any more.
    func forget(id: String) { self.connectionWaiters.complete(id, .over("Cancelled")) }

    /// The program has let go of the client.
    func shutDown() {
        self.disconnect()
        for channel in self.channels { channel.clientGone() }
        self.channels = []
        self.connectionWaiters.completeAll(.over("The client was released"))
        self.networkWatch = nil
        self.shared.finish()
    }

    func add(_ channel: any ConnectedChannel) {
        self.channels.removeAll { $0.name == channel.name }
        self.channels.append(channel)
    }

    func remove(_ channel: any ConnectedChannel) { self.channels.removeAll { $0 === channel } }

    /// A channel was left before the server had answered this join.
    func abandon(join requestId: String) { self.owed.abandon(join: requestId) }

    /// A channel was left: tells the server now, and again whenever the session comes back before it has answered.
    func leave(_ name: String) {
        let requestId = PondID.uuid()
        self.owed.leave(name, requestId: requestId)
        self.sendLeave(name, requestId)
    }

    private func sendLeave(_ name: String, _ requestId: String) {
        self.send(
            ClientMessage(
                action: .leaveChannel,
                event: ClientAction.leaveChannel.rawValue,
                channelName: name,
                requestId: requestId
            )
        )
    }

    // MARK: What channels ask for

    /// Sends one message now; without a connection it is not sent. Returns an error when it is too large to be sent.
    @discardableResult
    func send(_ message: ClientMessage) -> PondError? {
        guard self.machine.isConnected, let transport = self.transport else { return nil }
        let bytes = message.encoded()
        if let error = PondError.tooLarge(bytes.count, limit: self.messageLimit, message) { return error }
        let isFirst = transport.queuedBytes == 0
        transport.send(Frame(text: bytes, event: message.event))
        // What waited before it has gone out: the next look at the queue compares with this message alone.
        if isFirst { self.unsentBytes = transport.queuedBytes }
        return nil
    }

    private var messageLimit: Int { self.abilities.messageBytes ?? self.options.limits.messageBytes }

    /// A join was not answered in time: the connection is replaced, and every channel joins again.
    func replaceLink() {
        guard self.machine.suspected(now: self.loop.now, random: self.options.random()) != .nothing else { return }
        self.abandonLink()
    }

    /// Something was sent or answered: at the end of the turn the machine is told what is unanswered.
    func answersChanged() {
        guard !self.isNotingAnswers else { return }
        self.isNotingAnswers = true
        self.loop.atEndOfTurn {
            self.isNotingAnswers = false
            self.machine.unanswered(since: self.channels.lazy.compactMap(\.unansweredSince).min())
            self.rearm()
        }
    }

    // MARK: Attempts

    private func open() {
        self.attempt += 1
        let attempt = self.attempt
        guard let token = self.options.token else { return self.open(token: nil, attempt: attempt) }
        let driver = LoopConfined(self, to: self.loop)
        token.ask(on: self.loop) { driver.value.tokenCame($0, attempt: attempt) }
    }

    private func tokenCame(_ answer: Result<String?, PondError>, attempt: UInt64) {
        guard attempt == self.attempt else { return }
        switch answer {
        case .success(let token):
            if let refused = self.refusedToken, refused.token == token { return self.attemptFailed(refused.error) }
            self.token = token
            self.open(token: token, attempt: attempt)
        case .failure(let error): self.attemptFailed(error)
        }
    }

    private func open(token: String?, attempt: UInt64) {
        var target = self.base
        target.deadline = self.options.connection.connectTime
        target.answerTime = self.options.connection.probeAfter + self.options.connection.probeTime
        if let token { self.options.token?.apply(token, to: &target) }
        // A client that says nothing of sessions leaves its channels with its socket.
        if self.options.resumesSessions { target.headers["Pond-Session"] = self.session ?? "new" }
        self.connector.connect(to: target, on: self.loop) { [weak self] result in
            guard let self, attempt == self.attempt else {
                if case .success(let transport) = result { transport.abort() }
                return
            }
            switch result {
            case .success(let transport): self.opened(transport)
            case .failure(let error): self.attemptFailed(error)
            }
        }
    }

    private func opened(_ transport: any Transport) {
        let liveness = transport as? any LivenessTransport
        guard self.machine.opened(beats: liveness != nil, now: self.loop.now) == .wait else { return transport.abort() }
        self.transport = transport
        transport.receiver = self
        liveness?.whenPonged = { [weak self] in self?.ponged() }
        liveness?.whenHeard = { [weak self] in
            self?.heard()
        }
        self.rearm()
    }

    /// Something ends an attempt, if there is one; the server may have got its request all the same.
    private func noteStrayAttempt() {
        if self.machine.status.state == .connecting { self.countStrayAttempt() }
    }

    private func countStrayAttempt() {
        guard self.session != nil else { return }
        self.strayAttempts = min(self.strayAttempts + 1, Self.maximumStrayAttempts)
    }

    private func attemptFailed(_ error: PondError) {
        self.noteStrayAttempt()
        self.attempt += 1
        // Another token may be accepted; the same one is not tried twice.
        let mayChange = error.code == 401 && self.token != nil
        self.refusedToken = mayChange ? self.token.map { ($0, error) } : nil
        self.token = nil
        _ = self.machine.failed(error, mayChange: mayChange, now: self.loop.now, random: self.options.random())
        self.publish()
        self.shared.errors.publish(error)
        self.tellFinalError()
    }

    /// Lets go of the transport; it tells us nothing any more.
    private func detach() -> (any Transport)? {
        let transport = self.transport
        self.transport = nil
        self.owed.connectionLost()
        transport?.receiver = nil
        if let liveness = transport as? any LivenessTransport {
            liveness.whenPonged = nil
            liveness.whenHeard = nil
        }
        return transport
    }

    private func channelsLost(for error: PondError) {
        for channel in self.channels { channel.disconnected(error, wanted: false) }
        self.tellFinalError()
    }

    /// The machine may have given up: whoever waits for an answer is told why none will come.
    private func tellFinalError() {
        guard let error = self.machine.finalError else { return }
        self.connectionWaiters.completeAll(error)
        for channel in self.channels { channel.gaveUp(error) }
    }

    // MARK: Network

    private func watchNetwork() {
        if self.networkWatch != nil { return }
        self.networkWatch = self.options.network?.watch(on: self.loop) { [weak self] _ in self?.networkChanged() }
    }

    private func networkChanged() {
        let wasConnecting = self.machine.status.state == .connecting
        switch self.machine.networkChanged(now: self.loop.now) {
        case .nothing: self.rearm()
        case .open:
            if wasConnecting { self.countStrayAttempt() }
            let greeting = self.detach()
            self.open()
            self.publish()
            greeting?.abort()
        case .probe:
            self.probe()
            self.publish()
        }
    }

    // MARK: Time

    private func rearm() {
        if let timer = self.timer { self.loop.cancel(timer) }
        self.timer = self.machine.nextDeadline.map { deadline in
            self.loop.schedule(after: max(.zero, deadline - self.loop.now)) { [weak self] in self?.timePassed() }
        }
    }

    private func timePassed() {
        self.timer = nil
        self.noteProgress()
        let wasConnecting = self.machine.status.state == .connecting
        let action = self.machine.timePassed(now: self.loop.now, random: self.options.random())
        switch action {
        case .nothing: self.rearm()
        case .ping:
            (self.transport as? any LivenessTransport)?.ping()
            self.rearm()
        case .probe:
            self.probe()
            self.publish()
        case .open:
            self.open()
            self.publish()
        case .reopen:
            let transport = self.detach()
            self.publish()
            self.channelsLost(for: .unavailable("The server asked us to reconnect"))
            transport?.close(code: 1000, reason: "")
            self.open()
        case .abandon, .giveUp:
            if wasConnecting { self.countStrayAttempt() }
            self.abandonLink()
        }
    }

    /// Drops the attempt or the socket that the machine has abandoned.
    private func abandonLink() {
        self.attempt += 1
        let transport = self.detach()
        self.publish()
        self.channelsLost(for: .unavailable("The connection was lost"))
        transport?.abort()
    }

    /// Makes the server answer something: over an event stream, which has no pings, the LEAVE of no channel of ours.
    private func probe() {
        guard let transport = self.transport as? any LivenessTransport else { return }
        guard !transport.answersPings else { return transport.ping() }
        self.sendLeave("/pond/probe", PondID.uuid())
    }

    /// A long message that goes out slowly is a sign of life: the answer to a ping waits behind it.
    private func noteProgress() {
        let unsent = self.transport?.queuedBytes ?? 0
        if unsent > 0, unsent < self.unsentBytes { self.machine.heard(now: self.loop.now) }
        self.unsentBytes = unsent
    }

    private func heard() {
        if self.machine.heard(now: self.loop.now) { self.publish() }
    }

    private func ponged() {
        let answeredProbe = self.machine.ponged(now: self.loop.now)
        if answeredProbe { self.publish() }
        self.shared.published = self.machine.status
        if let lag = self.machine.status.lag { self.shared.lags.publish(lag) }
        self.rearm()
    }

    /// Shows the machine's status, and tells who listens when the state or its reason is new.
    private func publish() {
        let old = self.shared.published
        let new = self.machine.status
        self.rearm()
        if old.state != new.state || old.reason != new.reason || old.since != new.since
            || old.unansweredSince != new.unansweredSince
        {
            self.shared.connectionChanges.publish(new) { self.shared.published = new }
        } else {
            self.shared.published = new
        }
    }

    // MARK: Messages

    private func greeted(_ message: ServerMessage) {
        let abilities = ServerAbilities(greeting: message.payload.json)
        let asked = self.options.resumesSessions && self.session != nil
        // The user id alone says nothing where an application gives the same one to every session of a person.
        let isSame = abilities.session == self.session && abilities.userId == self.lastUserId
        let resumed = abilities.isSecondVersion && asked ? isSame : nil
        let answers = (self.transport as? any LivenessTransport)?.answersPings ?? false
        let action = self.machine.greeted(
            userId: abilities.userId,
            resumed: resumed,
            answers: answers,
            canProbe: answers || abilities.isSecondVersion,
            now: self.loop.now
        )
        guard action == .ready else { return }
        self.abilities = abilities
        self.token = nil
        self.refusedToken = nil
        self.session = abilities.session
        self.lastUserId = abilities.userId
        self.storage.noteSession(abilities.session, userId: abilities.userId)
        self.shared.serverLimit = abilities.messageBytes
        self.publish()
        if abilities.isSecondVersion && asked {
            for leave in self.owed.leaves { self.sendLeave(leave.name, leave.requestId) }
        } else {
            self.owed.sessionLost()
        }
        for channel in self.channels { channel.connected() }
        self.connectionWaiters.completeAll(nil)
    }

    private func received(_ document: UnsafeRawBufferPointer) {
        do {
            self.route(try ServerMessage(parsing: document, limits: self.options.limits))
        } catch {
            self.shared.errors.publish(PondError(code: 400, kind: .invalidMessage, message: error.message))
        }
    }

    private func route(_ message: ServerMessage) {
        if message.action == .connect {
            if message.event == SystemEvent.connection.rawValue { self.greeted(message) }
            return
        }
        guard self.machine.isConnected else { return }
        if self.owed.answered(message.requestId) { return }
        if let channel = self.channels.first(where: { $0.name == message.channelName }) {
            return channel.received(message)
        }
        if let channel = self.channels.first(where: { $0.asked(message.requestId) }) {
            return channel.received(message)
        }
        switch message.action {
        case .error: self.shared.errors.publish(PondError(answer: message))
        case .system where message.event == SystemEvent.reconnect.rawValue && self.abilities.isSecondVersion:
            let after = Int64(clamping: max(0, message.payload["after"]?.int ?? 0))
            self.machine.drained(after: .milliseconds(min(after, 86_400_000)), now: self.loop.now)
            self.rearm()
        case .system, .broadcast:
            if message.channelName == SystemEntity.gateway.rawValue
                || message.channelName == SystemSender.endpoint.rawValue
            {
                self.shared.messages.publish(message)
            }
        case .presence, .connect: break
        }
    }
}

extension ClientDriver: TransportReceiver {
    func transport(_ transport: any Transport, received message: UnsafeRawBufferPointer) {
        guard transport === self.transport else { return }
        self.heard()
        for document in MessageScanner.documents(in: message, limits: self.options.limits) {
            self.received(document)
            guard transport === self.transport else { return }
        }
    }

    /// The end may come while we are sending: the transport goes at once, the rest waits for its own turn.
    func transport(_ transport: any Transport, ended end: TransportEnd) {
        guard transport === self.transport else { return }
        _ = self.detach()
        // Another client resumed this session: to take it back would go on forever. An earlier attempt of this client
        // may have been the other one.
        if end.code == TransportEnd.takenOver {
            if self.strayAttempts > 0 {
                self.strayAttempts -= 1
            } else {
                self.session = nil
                self.storage.noteSession(nil, userId: nil)
            }
        }
        let attempt = self.attempt
        let driver = LoopConfined(self, to: self.loop)
        self.loop.execute { driver.value.lost(end, attempt: attempt) }
    }

    private func lost(_ end: TransportEnd, attempt: UInt64) {
        guard attempt == self.attempt else { return }
        if end.code == 1009 { self.channels.failTooLarge() }
        self.noteStrayAttempt()
        self.attempt += 1
        _ = self.machine.ended(end, now: self.loop.now, random: self.options.random())
        self.publish()
        self.channelsLost(for: .unavailable("The connection was lost"))
    }
}
