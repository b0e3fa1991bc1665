import PondCore

/// What a member missed, on its way to it in pieces that its queue can hold; only then does it hear the channel.
///
/// `@unchecked Sendable`: made at the home, and touched on the connection's loop only from then on.
final class Replay: @unchecked Sendable {
    /// Which of the connection's sockets it goes to.
    let socket: Int
    /// Where the member stands when it has all of this.
    let end: StreamPosition
    /// Up to where it has what was shown without a number while the history's store was away.
    let shown: UInt64
    private let messages: [ServerMessage]
    private var next = 0

    init(_ messages: [ServerMessage], until end: StreamPosition, shown: UInt64, on socket: Int) {
        self.messages = messages
        self.end = end
        self.shown = shown
        self.socket = socket
    }

    /// The next message as a frame; `nil` when there is none left.
    func take() -> Frame? {
        guard self.next < self.messages.count else { return nil }
        defer { self.next += 1 }
        let message = self.messages[self.next]
        return message.frame(
            at: message.offset.map { .numbered(StreamPosition(epoch: self.end.epoch, offset: $0)) } ?? .early
        )
    }
}
