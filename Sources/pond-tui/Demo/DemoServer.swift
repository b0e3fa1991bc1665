internal import PondChat
internal import PondKit

/// A small chat server inside this process: rooms with presence, typing, topics and what was said. Nobody else can reach it.
final class DemoServer: Sendable {
    let pond: PondSocket
    private let now: @Sendable () -> WallTime
    private let said = Lock<[String: [PondChat.ChatMessage]]>([:])
    private static let remembered = 500

    /// A server that has been started.
    init(now: @escaping @Sendable () -> WallTime) throws(PondError) {
        self.pond = PondSocket()
        self.now = now
        let endpoint = try self.pond.createEndpoint(ConnectionParameters.endpoint) { context in
            let name = context.query[ConnectionParameters.name]?.first ?? "guest"
            context.accept(assigns: ["name": .string(name)])
        }
        try endpoint.createChannel(ChatChannel.directoryPath) { context in context.accept() }
            .onMessage(WhoIsRequest.event) { context in
                let name = try DemoServer.name(context)
                let answer = WhoIs(name: name, role: .user, claimed: false, devices: 1, rooms: [])
                context.reply(WhoIs.event, try answer.payload())
            }
        let lobby = try endpoint.createChannel(ChatChannel.lobbyPattern) { context in
            context.accept()
            let name = try DemoServer.name(context)
            let welcome = Welcome(
                name: name,
                role: .user,
                topic: "a demonstration: nothing here leaves this process",
                slowSeconds: 0,
                read: ReadState(upTo: nil, unread: 0, mentions: 0)
            )
            context.reply(Welcome.event, try welcome.payload())
            try context.track(self.presence(name, .online, nil), key: name.key)
        }
        lobby.keepHistory()
        try self.handle(lobby)
        self.pond.start()
    }

    private func handle(_ lobby: Lobby) throws(PondError) {
        try lobby.onMessage(SendMessage.event) { context in
            let sent: SendMessage = try context.decode()
            let message = PondChat.ChatMessage(
                id: sent.id,
                sender: try DemoServer.name(context),
                at: ChatTime(milliseconds: self.now().milliseconds),
                kind: sent.kind ?? .text,
                text: sent.text,
                replyTo: sent.replyTo
            )
            guard self.remember(message, in: context.channelName) else { return }
            context.broadcast(PondChat.ChatMessage.event, try message.payload())
        }
        try lobby.onMessage(EditMessage.event) { context in
            let edit: EditMessage = try context.decode()
            let at = ChatTime(milliseconds: self.now().milliseconds)
            context.broadcast(MessageEdited.event, try MessageEdited(id: edit.id, text: edit.text, at: at).payload())
        }
        try lobby.onMessage(HistoryRequest.event) { context in
            let request: HistoryRequest = try context.decode()
            context.reply(HistoryPage.event, try self.page(request, of: context.channelName).payload())
        }
        try lobby.onMessage(SearchRequest.event) { context in
            let request: SearchRequest = try context.decode()
            let wanted = request.query.lowercased()
            let found = self.messages(of: context.channelName).reversed().filter {
                $0.text.lowercased().contains(wanted)
            }
            let page = SearchPage(messages: Array(found.prefix(request.count())), hasMore: false)
            context.reply(SearchPage.event, try page.payload())
        }
        try lobby.onMessage(SetTyping.event) { context in
            let typing: SetTyping = try context.decode()
            let notice = PondChat.Typing(user: try DemoServer.name(context), active: typing.active)
            context.broadcastFrom(PondChat.Typing.event, try notice.payload())
        }
        try lobby.onMessage(SetTopic.event) { context in
            let topic: SetTopic = try context.decode()
            let at = ChatTime(milliseconds: self.now().milliseconds)
            let changed = TopicChanged(topic: topic.topic, by: try DemoServer.name(context), at: at)
            context.broadcast(TopicChanged.event, try changed.payload())
        }
        try lobby.onMessage(SetStatus.event) { context in
            let status: SetStatus = try context.decode()
            try context.updatePresence(self.presence(try DemoServer.name(context), status.status, status.statusText))
        }
    }

    private static func name(_ context: ChannelContext) throws(PondError) -> UserName {
        try UserName(context.assigns["name"]?.string ?? "guest")
    }

    private func presence(_ name: UserName, _ status: UserStatus, _ text: String?) throws(PondError) -> JSONObject {
        let presence = ChatPresence(
            name: name,
            status: status,
            statusText: text,
            since: ChatTime(milliseconds: self.now().milliseconds)
        )
        return try Payload(encoding: presence).json.object ?? [:]
    }

    /// Keeps a message; `false` when it is here already.
    private func remember(_ message: PondChat.ChatMessage, in channel: String) -> Bool {
        self.said.withLock { said in
            if said[channel, default: []].contains(where: { $0.id == message.id }) { return false }
            said[channel, default: []].append(message)
            if said[channel, default: []].count > Self.remembered { said[channel]?.removeFirst() }
            return true
        }
    }

    private func messages(of channel: String) -> [PondChat.ChatMessage] { self.said.withLock { $0[channel] ?? [] } }

    private func page(_ request: HistoryRequest, of channel: String) -> HistoryPage {
        var messages = self.messages(of: channel)[...]
        if let before = request.before, let end = messages.firstIndex(where: { $0.id == before }) {
            messages = messages[..<end]
        }
        let page = messages.suffix(request.count())
        return HistoryPage(messages: Array(page), hasOlder: page.count < messages.count, hasNewer: false)
    }
}
