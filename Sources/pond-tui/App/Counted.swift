/// A count with its noun.
enum Counted {
    /// `1 message`, `2 messages`
    static func words(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

    /// `1 message is`, `2 messages are`
    static func being(_ count: Int, _ noun: String) -> String {
        self.words(count, noun) + (count == 1 ? " is" : " are")
    }
}
