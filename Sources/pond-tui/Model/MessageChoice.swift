/// The message that the command in the input line is about. Once it is found it stays the same, whatever arrives before
/// Enter is pressed, so that the command acts on the message that was shown beside it.
struct MessageChoice: Hashable, Sendable {
    let command: Command
    /// The words that name the message; see `Model.message(_:in:)`.
    let selector: String
    let id: String
    /// Whether the message was chosen before the command was written: then whatever follows the command is the text.
    var isLoaded = false

    /// The words of a command's argument that name a message; `nil` for a command that is about none.
    static func selector(_ command: Command, _ argument: String) -> String? {
        let first = argument.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true).first.map(String.init)
        return switch command {
        case .edit: Self.isNumber(argument) ? argument : ""
        case .remove: first ?? ""
        case .reply: first
        default: nil
        }
    }

    /// Whether a text is `N` or `#N`.
    static func isNumber(_ text: String) -> Bool {
        Int(text.hasPrefix("#") ? String(text.dropFirst()) : text).map { $0 > 0 } ?? false
    }
}

extension Model {
    /// The message that words name: none for the user's own last one, `N` for the Nth last, `#N` for the one with that
    /// number in the queue, else the last one of a person. Only what is shown counts, and that is what is not sent too.
    func message(_ selector: String, in room: Room) -> ChatMessage? {
        if selector.hasPrefix("#") {
            guard let number = Int(selector.dropFirst()), let entry = self.outbox.entry(number: number),
                entry.room == room.name
            else { return nil }
            return room.timeline.message(entry.changes ?? entry.id)
        }
        let shown = room.timeline.items.reversed().lazy.compactMap(\.message)
            .filter { !self.settings.ignores($0.author) }
        if let number = Int(selector) { return number > 0 ? shown.dropFirst(number - 1).first : nil }
        let name = selector.hasPrefix("@") ? String(selector.dropFirst()) : selector
        let author = name.isEmpty ? self.nick.lowercased() : name.lowercased()
        return shown.first { message in
            message.author.lowercased() == author && message.kind != .notice && !message.isRemoved
                && !self.outbox.isBeingRemoved(message.id)
        }
    }

    /// A message in a few words: `12:03 bob: text`.
    func words(_ message: ChatMessage) -> String {
        let text = self.outbox.change(of: message.id).flatMap { $0.text.isEmpty ? nil : $0.text } ?? message.text
        let line = text.split(separator: "\n", maxSplits: 1).first.map(String.init) ?? ""
        let short = TextSanitiser.plain(line.count > 60 ? line.prefix(60) + "~" : line)
        return "\(self.civil(message.time).clock) \(TextSanitiser.plain(message.author)): \(short)"
    }
}
