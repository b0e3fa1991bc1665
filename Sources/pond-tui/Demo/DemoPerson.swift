internal import PondChat
internal import PondKit

/// Somebody of the demonstration: a client that says what the script wants.
final class DemoPerson: Sendable {
    private let client: PondClient
    private let channel: ClientChannel

    init(_ name: String, room: String, connector: any ClientConnector, loop: EventLoop) throws(PondError) {
        var options = PondClientOptions()
        options.connector = connector
        options.loop = loop
        self.client = try PondClient(
            "ws://demo" + ConnectionParameters.endpoint,
            params: [ConnectionParameters.name: name],
            options: options
        )
        self.channel = self.client.createChannel(ChatChannel.lobby(try RoomName(room)).path)
    }

    func join() {
        self.client.connect()
        self.channel.join()
    }

    func leave() { self.channel.leave() }
    func type() { self.send(SetTyping(active: true)) }
    func say(_ text: String, _ kind: MessageKind? = nil) { self.send(SendMessage(text: text, kind: kind)) }
    func set(_ status: UserStatus, _ text: String?) { self.send(SetStatus(status: status, statusText: text)) }

    private func send(_ payload: some ChatPayload) {
        guard let bytes = try? payload.payload() else { return }
        _ = try? self.channel.sendMessage(Swift.type(of: payload).event, bytes)
    }
}
