/// One entry of a room's timeline.
struct TimelineItem: Hashable, Sendable {
    /// Unique in its timeline, for scrolling and marking.
    let key: Int
    var content: Content
    var links: [NumberedLink] = []
    /// Whether it is shown as it was kept on this machine, and the server has not told it in this run.
    var isOld = false

    /// What the entry tells.
    enum Content: Hashable, Sendable {
        case message(ChatMessage)
        /// Someone came or went.
        case presence(name: String, joined: Bool, time: WallTime)
        /// A line of the program itself: an outage, a refusal, a topic.
        case notice(text: String, time: WallTime)
    }

    var time: WallTime {
        switch self.content {
        case .message(let message): message.time
        case .presence(_, _, let time): time
        case .notice(_, let time): time
        }
    }

    var message: ChatMessage? {
        if case .message(let message) = self.content { message } else { nil }
    }

    var isPending: Bool { self.message?.isPending == true }

    var isPresence: Bool {
        if case .presence = self.content { true } else { false }
    }
}
