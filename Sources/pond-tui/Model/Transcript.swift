/// A room's entries as lines of plain text: for logs, exports and copying.
enum Transcript {
    /// `2025-11-18 12:41 bob: text`, with further lines of the text indented.
    static func line(_ item: TimelineItem, secondsEast: Int) -> String {
        let civil = CivilTime(item.time, secondsEast: secondsEast)
        let head = "\(civil.isoDay) \(civil.clock) "
        switch item.content {
        case .message(let message):
            let author = TextSanitiser.plain(message.author)
            let lines = message.text.split(separator: "\n", omittingEmptySubsequences: false)
                .map { TextSanitiser.plain(String($0)) }
            let body = lines.joined(separator: "\n    ")
            return head + (message.kind == .action ? "* \(author) \(body)" : "\(author): \(body)")
                + (message.isEdited ? " (edited)" : "")
        case .presence(let name, let joined, _):
            return head + "-- \(TextSanitiser.plain(name)) \(joined ? "joined" : "left")"
        case .notice(let text, _): return head + "! \(TextSanitiser.plain(text))"
        }
    }
}
