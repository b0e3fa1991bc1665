/// Something the user has written and the server has not confirmed: a message, or a change of one.
struct OutboxEntry: Hashable, Sendable {
    /// The number shown on the screen, which `/retry`, `/drop`, `/edit`, `/remove` and `/reply` take.
    let number: Int
    let id: String
    let room: String
    var text: String
    var purpose = Purpose.message(.text, replyTo: nil)
    let created: WallTime
    /// When the user last said that it is to be sent: by writing it, or by `/retry`.
    var wanted: WallTime
    var state = State.queued(notBefore: nil)
    /// Whether it was handed to the client and not refused since: the server may have it, so that it can neither be
    /// changed nor taken back here.
    var mayHaveArrived = false

    /// What is to be done with the text.
    enum Purpose: Hashable, Sendable {
        case message(ChatMessage.Kind, replyTo: String?)
        /// Replaces the text of a message.
        case edit(of: String)
        /// Takes a message away; the text is empty.
        case removal(of: String, reason: String?)
    }

    /// Where the entry stands.
    enum State: Hashable, Sendable {
        /// Waits for the room; can become `sending` or `held`, or leave by `/drop`.
        case queued(notBefore: WallTime?)
        /// With the client; can become `failed`, `queued` or `held`, or leave when confirmed.
        case sending(since: WallTime)
        /// Refused; can become `queued` by `/retry`, or leave by `/drop`.
        case failed(reason: String)
        /// Waited so long that the user is asked; can become `queued` by `/retry`, or leave by `/drop`.
        case held
    }

    /// The message that this entry changes; `nil` for a message.
    var changes: String? {
        switch self.purpose {
        case .message: nil
        case .edit(let id), .removal(let id, _): id
        }
    }

    /// The messages that must be on the server before this entry is sent.
    var needs: String? {
        if case .message(_, let replyTo) = self.purpose { replyTo } else { self.changes }
    }

    /// Whether it is neither with the client nor, perhaps, on the server.
    var isHere: Bool {
        if case .sending = self.state { false } else { !self.mayHaveArrived }
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

    /// What was written longer ago than this many milliseconds is sent after an outage only when the user says so.
    static let askedAfter: Int64 = 300_000
}
