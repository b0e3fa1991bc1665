/// What the server found in a room, and where the user was before.
struct FoundMessages: Hashable, Sendable {
    let room: String
    let query: String
    /// Oldest first.
    let messages: [ChatMessage]
    /// The place of the one that is chosen, the newest at first.
    var selected: Int
    /// Where the room stood.
    let origin: ScrollAnchor?

    init(room: String, query: String, messages: [ChatMessage], origin: ScrollAnchor?) {
        self.room = room
        self.query = query
        self.messages = messages
        self.selected = max(0, messages.count - 1)
        self.origin = origin
    }

    var title: String { "#\(self.room): \(self.query)" }

    /// The messages as lines of text.
    func lines(secondsEast: Int) -> [String] {
        guard !self.messages.isEmpty else { return ["nothing found"] }
        return self.messages.map {
            Transcript.line(TimelineItem(key: 0, content: .message($0)), secondsEast: secondsEast)
        }
    }
}

/// A message that is not loaded and that the user wants to see: older pages are asked for until it comes.
struct SoughtMessage: Hashable, Sendable {
    let room: String
    let id: String
    var pages = 0
    /// After so many pages the search ends.
    static let mostPages = 40
}
