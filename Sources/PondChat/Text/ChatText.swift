public import PondKit

/// Text that is safe to store and to show: bounded, no control characters, no bidi overrides, nothing invisible.
///
///     let text = try ChatText("hello\u{202E}olleh")   // "hello\u{FFFD}olleh"
public struct ChatText: Sendable, Hashable {
    /// The cleaned text.
    public let string: String

    /// The text of a message: may have several lines; throws 400 when empty and 413 when too long.
    public init(_ raw: String, limits: ChatLimits = .default) throws(PondError) {
        // Bytes first: cleaning must not walk what is far too long.
        guard raw.utf8.count <= 2 * limits.messageBytes else { throw ChatError.textTooLong(limits.messageCharacters) }
        let cleaned = TextCleaner.clean(raw, keepingLines: true)
        guard TextCleaner.isVisible(cleaned) else { throw ChatError.emptyText }
        guard cleaned.utf8.count <= limits.messageBytes, cleaned.count <= limits.messageCharacters else {
            throw ChatError.textTooLong(limits.messageCharacters)
        }
        guard cleaned.utf8.count(where: { $0 == UInt8(ascii: "\n") }) < limits.messageLines else {
            throw ChatError.tooManyLines(limits.messageLines)
        }
        self.string = cleaned
    }

    /// One line of at most `characters`, which may be empty: a topic, a status, a reason.
    public static func line(_ raw: String, of what: String, upTo characters: Int) throws(PondError) -> String {
        guard raw.utf8.count <= 32 * characters else { throw ChatError.lineTooLong(what, characters) }
        let cleaned = TextCleaner.clean(raw, keepingLines: false)
        guard cleaned.count <= characters else { throw ChatError.lineTooLong(what, characters) }
        return cleaned
    }
}
