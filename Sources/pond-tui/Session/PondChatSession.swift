internal import PondChat
internal import PondKit

/// The chat of a pond-server, over PondKit's client.
///
/// `@unchecked Sendable`: everything mutable is touched on `loop` only.
final class PondChatSession: ChatSession, @unchecked Sendable {
    let loop: EventLoop
    let emit: @Sendable (SessionEvent) -> Void
    let makeOptions: @Sendable () -> PondClientOptions
    /// What all connections go through, so that the user can break them on purpose.
    private let link: FaultyConnector
    /// The status that was shown last.
    private var shownStep: PondKit.ConnectionStatus?
    var url: String
    var nick: String
    /// What stands for the password, or for who had the name a moment ago; asked for on every try to connect.
    let token: Lock<String?>
    /// Whether the server gave it, so that a server that does not know it any more is tried without.
    var tokenIsFromServer = false
    /// The name and token to go back to when a new name is refused.
    var former: (nick: String, token: String?)?
    var client: PondClient?
    var directory: ClientChannel?
    var channels: [String: RoomChannel] = [:]
    var status = Person.Status.available
    var statusNote = ""
    var shownLag: Int?
    /// Whether the server refused this name or token for good: then nothing is tried until the user asks for it.
    var isRefused = false
    /// How many requests have no answer yet.
    private var openRequests = 0
    /// Rooms that are to be joined as soon as there is a client.
    var wanted: [String] = []
    /// Rooms that were joined over a client before this one.
    var known: Set<String> = []

    init(
        url: String,
        nick: String,
        token: String?,
        loop: EventLoop,
        options: @escaping @Sendable () -> PondClientOptions,
        emit: @escaping @Sendable (SessionEvent) -> Void
    ) {
        self.url = url
        self.nick = nick
        self.token = Lock(token)
        self.loop = loop
        self.makeOptions = options
        self.link = FaultyConnector(options().connector ?? WebSocketConnector())
        self.emit = emit
    }

    func perform(_ request: SessionRequest) { self.loop.execute { self.handle(request) } }

    func close() {
        let done = Doorbell()
        self.loop.execute {
            for channel in self.channels.values { channel.close() }
            self.client?.disconnect()
            // What is queued on the loop behind the goodbye has run when this does.
            self.loop.execute { self.loop.schedule(after: .milliseconds(20)) { done.ring() } }
        }
        done.wait(milliseconds: 1_000)
    }

    func handle(_ request: SessionRequest) {
        switch request {
        case .connect(let url): self.connect(url)
        case .disconnect: self.client?.disconnect()
        case .reconnect:
            self.isRefused = false
            if let client = self.client {
                client.connect()
                client.reconnectNow()
            } else {
                self.connect(nil)
            }
        case .join(let room): self.join(room)
        case .leave(let room): self.channels[room]?.leave()
        case .send(let message):
            guard let channel = self.channels[message.room] else {
                self.emit(.returned(id: message.id))
                return
            }
            channel.send(message)
        case .typing(let room): self.channels[room]?.sendTyping()
        case .status(let status, let note):
            self.status = status
            self.statusNote = note
            for channel in self.channels.values { channel.sendStatus(status, note) }
        case .nick(let name): self.rename(name)
        case .topic(let room, let text): self.channels[room]?.sendTopic(text)
        case .history(let room, let before): self.channels[room]?.requestHistory(before: before?.id)
        case .search(let room, let text): self.channels[room]?.search(text)
        case .markRead(let room, let id): self.channels[room]?.markRead(id)
        case .recall(let room, let id): self.channels[room]?.recall(id)
        case .moderate(let room, let order): self.channels[room]?.moderate(order)
        case .whois(let name): self.whois(name)
        case .identify(let password): self.prove(Identify(password: password), "identify")
        case .claim(let password, let present):
            self.prove(ClaimName(password: password, present: present), "claim")
        case .ping: self.ping()
        case .demo: break
        case .fault(let fault): self.link.apply(fault)
        }
    }

    // MARK: Connection

    func connect(_ url: String?) {
        self.isRefused = false
        if let url, url != self.url {
            self.url = url
            self.drop()
        }
        guard self.client == nil else {
            self.client?.connect()
            return
        }
        let parameters = [ConnectionParameters.name: self.nick]
        var options = self.makeOptions()
        options.loop = self.loop
        options.connector = self.link
        // A name stays reserved for a while after its connection is lost; then it is free again.
        options.connection.retriedRefusals.insert(409)
        let token = self.token
        options.token = ClientToken(in: .query(ConnectionParameters.token)) { token.withLock { $0 } }
        let client: PondClient
        do throws(PondError) {
            client = try PondClient(self.url, params: parameters, options: options)
        } catch {
            self.emit(.connection(.init(state: .disconnected, reason: error.message)))
            self.emit(.notice(room: nil, text: error.message))
            return
        }
        self.client = client
        client.onConnectionChange { [weak self] status in self?.connectionChanged(status) }
        client.onLag { [weak self] lag in self?.measured(lag) }
        client.onMessage { [weak self] message in
            guard message.event == Identity.event, let identity = try? Identity(message.payload) else { return }
            self?.identified(identity)
        }
        self.openDirectory(client)
        let rooms = self.wanted
        self.wanted = []
        for room in rooms { self.join(room, isAgain: self.known.contains(room)) }
        client.connect()
    }

    func connectionChanged(_ status: PondKit.ConnectionStatus) {
        // A probe, or its answer, is no new step of the connection.
        let isSameStep = status.since == self.shownStep?.since && status.reason == self.shownStep?.reason
        self.shownStep = status
        guard !isSameStep else { return }
        // The end of the tries was told with its reason.
        if self.isRefused, status.state == .disconnected { return }
        let wait = status.nextTry.map { PeerNumber.milliseconds(of: $0 - self.loop.now) }
        let reason: String? =
            switch status.reason {
            case .notStarted, .requested, .retry, .greeted: nil
            case .ended(let end) where end.code == 1006: "socket closed, code 1006"
            case .failed(let error): self.words(of: error)
            default: status.reason.description
            }
        var refusal: Int?
        if case .failed(let error) = status.reason, Self.isForGood(error) {
            if self.wentBack(from: error) { return }
            refusal = error.code
        }
        self.emit(
            .connection(
                .init(
                    state: ConnectionState(rawValue: status.state.rawValue) ?? .disconnected,
                    attempt: status.attempt,
                    retryAfterMilliseconds: refusal == nil ? wait : nil,
                    reason: reason,
                    refusal: refusal,
                    isResumed: status.state == .connected ? status.resumed : nil
                )
            )
        )
        if refusal != nil {
            // Waiting changes nothing: the user decides.
            self.isRefused = true
            self.loop.atEndOfTurn { [weak self] in
                guard let self, self.isRefused else { return }
                self.client?.disconnect()
            }
        }
        if status.state == .connected {
            self.shownLag = nil
            self.former = nil
        }
    }

    /// Whether the same question would get the same answer.
    static func isForGood(_ error: PondError) -> Bool {
        (400..<500).contains(error.code) && ![408, 425, 429].contains(error.code)
    }

    /// A refusal in words: of a server that gives none, what its number says.
    func words(of error: PondError) -> String {
        let text = TextSanitiser.clipped(error.message, to: 300)
        guard error.code == 404 || text.isEmpty || text.hasPrefix("status ") else { return text }
        switch error.code {
        case 404, 405, 426:
            return "no chat at \(ServerAddress.path(of: self.url)) there (\(error.code)): check the address"
        case 401: return "the server wants to know who you are (401)"
        case 403: return "the server lets nobody in from here (403)"
        case 500...: return "the server is there but does not work (\(error.code))"
        default: return "the server answers \(error.code)"
        }
    }

    /// The server does not let us in: with a token it does not know any more it is tried without, with a new name
    /// under the former one.
    func wentBack(from error: PondError) -> Bool {
        if let former = self.former {
            self.former = nil
            self.emit(.notice(room: nil, text: "\(self.nick): \(error.message)"))
            self.become(former.nick, token: former.token)
            return true
        }
        guard error.code == 401, self.tokenIsFromServer, self.token.withLock({ $0 != nil }) else { return false }
        self.token.withLock { $0 = nil }
        self.tokenIsFromServer = false
        self.loop.atEndOfTurn { [weak self] in self?.client?.reconnectNow() }
        return true
    }

    /// A lag that is much the same is no news: an idle screen must stay as it is.
    func measured(_ lag: Duration) {
        let milliseconds = Int(clamping: PeerNumber.milliseconds(of: lag))
        self.emit(.heard(lagMilliseconds: milliseconds))
        if let shown = self.shownLag, abs(milliseconds - shown) <= max(50, shown / 2) { return }
        self.shownLag = milliseconds
        self.emit(.lag(milliseconds: milliseconds))
    }

    /// A request was made; `answered` follows, whatever comes of it.
    func asked() {
        self.openRequests += 1
        if self.openRequests == 1 { self.emit(.awaiting(true)) }
    }

    func answered() {
        self.openRequests -= 1
        if self.openRequests == 0 { self.emit(.awaiting(false)) }
    }

    func ping() {
        guard let directory = self.directory, let name = try? UserName(self.nick) else { return }
        let start = ContinuousClock.now
        let confined = LoopConfined(self, to: self.loop)
        self.asked()
        Task(executorPreference: self.loop) { [loop, emit] in
            do throws(PondError) {
                _ = try await directory.sendForResponse(WhoIsRequest.event, try WhoIsRequest(user: name).payload())
                let milliseconds = Int(clamping: PeerNumber.milliseconds(of: ContinuousClock.now - start))
                loop.execute {
                    confined.value.answered()
                    emit(.heard(lagMilliseconds: milliseconds))
                    emit(.lag(milliseconds: milliseconds))
                    emit(.notice(room: nil, text: "the server answers in \(milliseconds) ms"))
                }
            } catch {
                let message = error.message
                loop.execute {
                    confined.value.answered()
                    emit(.notice(room: nil, text: "no answer: \(message)"))
                }
            }
        }
    }
}

extension UserStatus {
    /// The wire's word for a status.
    init(_ status: Person.Status) {
        switch status {
        case .available: self = .online
        case .away: self = .away
        case .busy: self = .busy
        }
    }
}
