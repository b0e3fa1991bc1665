internal import PondChat
internal import PondKit

/// The chat of a pond-server, over PondKit's client.
///
/// `@unchecked Sendable`: everything mutable is touched on `loop` only.
final class PondChatSession: ChatSession, @unchecked Sendable {
    let loop: EventLoop
    let emit: @Sendable (SessionEvent) -> Void
    private let makeOptions: @Sendable () -> PondClientOptions
    private var url: String
    var nick: String
    private var token: String?
    private var client: PondClient?
    private var directory: ClientChannel?
    var channels: [String: RoomChannel] = [:]
    private var status = Person.Status.available
    private var statusNote = ""
    private var shownLag: Int?
    /// Rooms that are to be joined as soon as there is a client.
    private var wanted: [String] = []

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
        self.token = token
        self.loop = loop
        self.makeOptions = options
        self.emit = emit
    }

    func perform(_ request: SessionRequest) { self.loop.execute { self.handle(request) } }

    func close() {
        let done = EventQueue()
        self.loop.execute {
            for channel in self.channels.values { channel.close() }
            self.client?.disconnect()
            // What is queued on the loop behind the goodbye has run when this does.
            self.loop.execute { self.loop.schedule(after: .milliseconds(20)) { done.post(.tick) } }
        }
        done.wait(milliseconds: 1_000)
    }

    private func handle(_ request: SessionRequest) {
        switch request {
        case .connect(let url): self.connect(url)
        case .disconnect: self.client?.disconnect()
        case .reconnect:
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
        case .ping: self.ping()
        }
    }

    // MARK: Connection

    private func connect(_ url: String?) {
        if let url, url != self.url {
            self.url = url
            self.drop()
        }
        guard self.client == nil else {
            self.client?.connect()
            return
        }
        var parameters = [ConnectionParameters.name: self.nick]
        if let token = self.token { parameters[ConnectionParameters.token] = token }
        var options = self.makeOptions()
        options.loop = self.loop
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
        for room in rooms { self.join(room) }
        client.connect()
    }

    private func connectionChanged(_ status: PondKit.ConnectionStatus) {
        let wait = status.nextTry.map { Int64(max(0, ($0 - self.loop.now).inSeconds) * 1_000) }
        let reason: String? =
            switch status.reason {
            case .notStarted, .requested, .retry, .greeted: nil
            default: status.reason.description
            }
        self.emit(
            .connection(
                .init(
                    state: ConnectionState(rawValue: status.state.rawValue) ?? .disconnected,
                    attempt: status.attempt,
                    retryAfterMilliseconds: wait,
                    reason: reason
                )
            )
        )
        if status.state == .connected { self.shownLag = nil }
    }

    /// A lag that is much the same is no news: an idle screen must stay as it is.
    private func measured(_ lag: Duration) {
        let milliseconds = Int(lag.inSeconds * 1_000)
        if let shown = self.shownLag, abs(milliseconds - shown) <= max(50, shown / 2) { return }
        self.shownLag = milliseconds
        self.emit(.lag(milliseconds: milliseconds))
    }

    private func ping() {
        guard let directory = self.directory, let name = try? UserName(self.nick) else { return }
        let start = ContinuousClock.now
        Task(executorPreference: self.loop) { [loop, emit] in
            do throws(PondError) {
                _ = try await directory.sendForResponse(WhoIsRequest.event, try WhoIsRequest(user: name).payload())
                let milliseconds = Int((ContinuousClock.now - start).inSeconds * 1_000)
                loop.execute {
                    emit(.lag(milliseconds: milliseconds))
                    emit(.notice(room: nil, text: "the server answers in \(milliseconds) ms"))
                }
            } catch {
                let message = error.message
                loop.execute { emit(.notice(room: nil, text: "no answer: \(message)")) }
            }
        }
    }

    private func identified(_ identity: Identity) {
        if let token = identity.token { self.token = token }
        guard identity.name.text != self.nick else { return }
        self.nick = identity.name.text
        self.emit(.nick(identity.name.text))
    }

    /// A name belongs to a connection: a new one is made under it.
    private func rename(_ name: String) {
        guard (try? UserName(name)) != nil else {
            self.emit(.notice(room: nil, text: "\(name) cannot be a name"))
            return
        }
        self.nick = name
        self.token = nil
        self.emit(.nick(name))
        let wasConnected = self.client != nil
        self.drop()
        if wasConnected { self.connect(nil) }
    }

    private func drop() {
        self.wanted = self.channels.keys.sorted()
        for channel in self.channels.values { channel.close() }
        self.channels = [:]
        self.directory?.leave()
        self.directory = nil
        self.client?.disconnect()
        self.client = nil
    }

    // MARK: Rooms

    private func openDirectory(_ client: PondClient) {
        let directory = client.createChannel(ChatChannel.directoryPath)
        self.directory = directory
        directory.onMessage { [weak self] message in
            switch message.event {
            case Identity.event: if let identity = try? Identity(message.payload) { self?.identified(identity) }
            case DirectNotice.event: if let notice = try? DirectNotice(message.payload) { self?.noticed(notice) }
            default: break
            }
        }
        directory.join()
    }

    /// Somebody wrote to us: open the conversation, and show the message as one that just came.
    private func noticed(_ notice: DirectNotice) {
        let room = "@" + notice.with.key
        guard self.channels[room] == nil else { return }
        self.emit(.channel(room: room, .idle, reason: nil))
        if let last = notice.last, notice.unread > 0 {
            self.emit(.message(room: room, pond_tui.ChatMessage(last)))
        }
        self.join(room)
    }

    private func join(_ room: String) {
        guard let client = self.client else {
            if !self.wanted.contains(room) { self.wanted.append(room) }
            return
        }
        if let channel = self.channels[room], !channel.isOver { return }
        let path: String
        do throws(PondError) {
            path = try self.path(of: room)
        } catch {
            self.emit(.channel(room: room, .declined, reason: error.message))
            return
        }
        var options = JoinOptions()
        if self.status != .available || !self.statusNote.isEmpty {
            options.status = UserStatus(self.status)
            options.statusText = self.statusNote.isEmpty ? nil : self.statusNote
        }
        let parameters = (try? Payload(encoding: options)) ?? .empty
        let channel = RoomChannel(room: room, channel: client.createChannel(path, params: parameters), session: self)
        self.channels[room] = channel
        channel.join()
    }

    private func path(of room: String) throws(PondError) -> String {
        guard room.hasPrefix("@") else { return ChatChannel.lobby(try RoomName(room)).path }
        let other = try UserName(String(room.dropFirst()))
        return ChatChannel.direct(try DirectPair(try UserName(self.nick), other)).path
    }
}

extension Duration {
    /// The length in seconds.
    fileprivate var inSeconds: Double {
        Double(self.components.seconds) + Double(self.components.attoseconds) / 1e18
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
