/// A message the user has written and the server has not confirmed.
struct OutboxEntry: Hashable, Sendable {
    /// The number that `/retry` and `/drop` take.
    let number: Int
    let id: String
    let room: String
    var text: String
    var kind = ChatMessage.Kind.text
    var replyTo: String?
    /// The message this one replaces.
    var editOf: String?
    let created: WallTime
    var state = State.queued(notBefore: nil)
    var tries = 0

    /// Where the entry stands.
    enum State: Hashable, Sendable {
        /// Waits for the room; can become `sending`, or leave by `/drop`.
        case queued(notBefore: WallTime?)
        /// With the client; can become `failed` or `queued`, or leave when confirmed.
        case sending(since: WallTime)
        /// Refused; can become `queued` by `/retry`, or leave by `/drop`.
        case failed(reason: String)
        /// Left over from an earlier run; can become `queued` by `/retry`, or leave by `/drop`.
        case held
    }

    /// Whether it went out a moment ago, so that its answer is hardly late: what comes and goes with every message of a
    /// good day only makes the screen restless.
    func isFresh(at now: WallTime) -> Bool {
        if case .sending(let since) = self.state { now - since < Self.unmentionedFor } else { false }
    }

    /// For so many milliseconds nothing but a sign before the name says that a message is on its way.
    static let unmentionedFor: Int64 = 1_000

    /// After so many milliseconds without an answer a message counts as unconfirmed.
    static let unconfirmedAfter: Int64 = 10_000
}
