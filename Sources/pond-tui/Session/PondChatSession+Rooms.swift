internal import PondChat
internal import PondKit

/// The directory, rooms and conversations.
extension PondChatSession {
    func openDirectory(_ client: PondClient) {
        let directory = client.createChannel(ChatChannel.directoryPath)
        self.directory = directory
        directory.onMessage { [weak self] message in
            switch message.event {
            case Identity.event: if let identity = try? Identity(message.payload) { self?.identified(identity) }
            case RoomList.event:
                guard let list = try? RoomList(message.payload) else { return }
                self?.emit(.directory(list.rooms.map(ListedRoom.init), gone: [], isWhole: true))
            case RoomsChanged.event:
                guard let changes = try? RoomsChanged(message.payload) else { return }
                let gone = changes.gone.map(\.text)
                self?.emit(.directory(changes.rooms.map(ListedRoom.init), gone: gone, isWhole: false))
            case ServersReachable.event:
                guard let servers = try? ServersReachable(message.payload) else { return }
                let text = TextSanitiser.clipped(servers.text, to: 500)
                self?.emit(.servers(areReachable: servers.reachable, text: text))
            case DirectNotice.event: if let notice = try? DirectNotice(message.payload) { self?.noticed(notice) }
            default: break
            }
        }
        directory.join()
    }

    /// With so many rooms and conversations no further one is opened because somebody wrote.
    private static let mostNoticed = 200

    /// Somebody wrote to us.
    func noticed(_ notice: DirectNotice) {
        let room = "@" + notice.with.key
        guard self.channels[room] == nil, self.channels.count < Self.mostNoticed else { return }
        let last = notice.unread > 0 ? notice.last.map { pond_tui.ChatMessage($0) } : nil
        self.emit(.direct(room: room, last))
    }

    func join(_ room: String, isAgain: Bool = false) {
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
        let channel = RoomChannel(
            room: room,
            channel: client.createChannel(path, params: parameters),
            session: self,
            isAgain: isAgain
        )
        self.channels[room] = channel
        channel.join()
    }

    func path(of room: String) throws(PondError) -> String {
        guard room.hasPrefix("@") else { return ChatChannel.lobby(try RoomName(room)).path }
        let other = try UserName(String(room.dropFirst()))
        return ChatChannel.direct(try DirectPair(try UserName(self.nick), other)).path
    }
}
