internal import PondChat

extension ChatMessage {
    /// More scalars than any server takes; what is longer is cut before it is kept.
    static let longestText = 16_384

    /// A message as the server tells it.
    init(_ message: PondChat.ChatMessage, offset: UInt64? = nil) {
        let kind: Kind =
            switch message.kind {
            case .text: .text
            case .action: .action
            case .notice: .notice
            }
        self.init(
            id: message.id.text,
            author: message.sender.text,
            text: TextSanitiser.clipped(message.text, to: Self.longestText),
            time: WallTime(milliseconds: message.at.milliseconds),
            kind: kind,
            replyTo: message.replyTo?.text,
            isEdited: message.editedAt != nil,
            offset: offset.map { Int64(clamping: $0) }
        )
    }
}
