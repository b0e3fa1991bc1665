import PondCore

/// The sessions of a server by their tokens: who holds each, and until when one without a socket is kept.
///
/// A session has one holder at any time. What the holder is, the table does not ask.
struct SessionTable<Token: Hashable, Holder> {
    private let maximumAway: Int
    private var sessions: [Token: Session] = [:]
    /// Sessions that lost their socket, in the order they lost it; one whose number changed since is out of date.
    private var away = Queue<(token: Token, number: UInt32)>()
    private var awayCount = 0
    /// Given to one state of one session, though a session that went to another node may come back with its token.
    private var lastNumber: UInt32 = 0

    private struct Session {
        let holder: Holder
        var state: State
        /// Another one after every change of state, so that a late timer can tell that it is late.
        var number: UInt32
    }

    private enum State {
        /// Has a socket; can become away or ended.
        case live
        /// Lost its socket; can become live again, or ended when the grace time is over.
        case away
    }

    /// A table that keeps at most so many sessions without a socket.
    init(maximumAway: Int) { self.maximumAway = maximumAway }

    /// The number of sessions, with a socket and without.
    var count: Int { self.sessions.count }

    /// A new session begins.
    mutating func began(_ token: Token, _ holder: Holder) {
        self.sessions[token] = Session(holder: holder, state: .live, number: self.number())
    }

    private mutating func number() -> UInt32 {
        self.lastNumber &+= 1
        return self.lastNumber
    }

    /// Who has a session.
    func holder(of token: Token) -> Holder? { self.sessions[token]?.holder }

    /// What to do with a token that a new socket brought.
    enum ResumeAction {
        /// Nobody has it: the socket begins a session of its own.
        case unknown
        /// The session waits for its socket.
        case resume(Holder)
        /// The session has a socket, which the new one replaces.
        case takeOver(Holder)
    }

    /// A socket brought a token; the session is live with it from now on.
    mutating func resumed(_ token: Token) -> ResumeAction {
        guard let session = self.sessions[token] else { return .unknown }
        let before = session.state
        self.change(token, to: .live)
        switch before {
        case .live: return .takeOver(session.holder)
        case .away: return .resume(session.holder)
        }
    }

    /// What becomes of a session that lost its socket.
    enum LossAction {
        /// It is kept: say so when the grace time is over, with this number. Another had to give up its place.
        case keep(number: UInt32, ending: Holder?)
        /// There is nothing to keep.
        case end
    }

    /// A session lost its socket.
    mutating func lost(_ token: Token) -> LossAction {
        guard let session = self.sessions[token], case .live = session.state else { return .end }
        guard self.maximumAway > 0 else {
            self.ended(token)
            return .end
        }
        let displaced = self.awayCount >= self.maximumAway ? self.endOldestAway() : nil
        self.change(token, to: .away)
        let number = self.sessions[token]?.number ?? 0
        self.away.append((token, number))
        self.forgetOutdated()
        return .keep(number: number, ending: displaced)
    }

    /// The grace time of a loss is over. Says whether the session ends with it; it does not when it was resumed.
    mutating func graceEnded(_ token: Token, number: UInt32) -> Bool {
        guard let session = self.sessions[token], case .away = session.state, session.number == number else {
            return false
        }
        self.ended(token)
        return true
    }

    /// A session is over; nobody can resume it.
    mutating func ended(_ token: Token) {
        guard let session = self.sessions.removeValue(forKey: token) else { return }
        if case .away = session.state { self.awayCount -= 1 }
    }

    private mutating func change(_ token: Token, to state: State) {
        guard var session = self.sessions[token] else { return }
        if case .away = session.state { self.awayCount -= 1 }
        if case .away = state { self.awayCount += 1 }
        session.state = state
        session.number = self.number()
        self.sessions[token] = session
    }

    /// Drops what is out of date once it is most of the queue, so that reconnecting often costs no memory.
    private mutating func forgetOutdated() {
        guard self.away.count > 2 * self.awayCount + 64 else { return }
        self.away.removeAll { self.sessions[$0.token]?.number != $0.number }
    }

    private mutating func endOldestAway() -> Holder? {
        while let (token, number) = self.away.popFirst() {
            guard let session = self.sessions[token], session.number == number, case .away = session.state else {
                continue
            }
            self.ended(token)
            return session.holder
        }
        return nil
    }
}
