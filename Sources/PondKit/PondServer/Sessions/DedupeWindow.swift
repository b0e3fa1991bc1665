import PondCore

/// The acknowledged requests that a session made lately, so that a repeat is answered and not handled again.
struct DedupeWindow: Sendable {
    private let maximum: Int
    private let age: Duration
    private var requests: [String: State] = [:]
    /// The finished requests, the oldest first.
    private var finished = Queue<(requestId: String, at: MonotonicTime)>()

    private enum State: Sendable {
        /// Its handler has not finished; can become done.
        case inProgress
        /// It was answered so; can become forgotten.
        case done(Frame)
    }

    /// A window over at most so many requests, each for so long after it was answered.
    init(maximum: Int, age: Duration) {
        self.maximum = maximum
        self.age = age
    }

    /// The number of requests remembered.
    var count: Int { self.requests.count }

    /// What to do with a request.
    enum ArrivalAction {
        /// It is new: handle it and say how it ended.
        case handle
        /// It is being handled: its answer will come to whoever is there then.
        case ignore
        /// It was handled: answer the same again.
        case answer(Frame)
        /// More are in progress than can be remembered.
        case refuse
    }

    /// A request arrived, for the first time or again.
    mutating func arrived(_ requestId: String, now: MonotonicTime) -> ArrivalAction {
        self.expire(now: now)
        switch self.requests[requestId] {
        case .inProgress: return .ignore
        case .done(let answer): return .answer(answer)
        case nil: break
        }
        if self.requests.count >= self.maximum {
            guard !self.finished.isEmpty else { return .refuse }
            self.forgetOldest()
        }
        self.requests[requestId] = .inProgress
        return .handle
    }

    /// A request was handled and is answered so.
    mutating func ended(_ requestId: String, answer: Frame, now: MonotonicTime) {
        guard case .inProgress? = self.requests[requestId] else { return }
        self.requests[requestId] = .done(answer)
        self.finished.append((requestId, now))
    }

    /// A request was handled before this window began, and was answered so.
    mutating func recalled(_ requestId: String, answer: Frame, now: MonotonicTime) {
        guard self.requests[requestId] == nil else { return }
        if self.requests.count >= self.maximum { self.forgetOldest() }
        guard self.requests.count < self.maximum else { return }
        self.requests[requestId] = .done(answer)
        self.finished.append((requestId, now))
    }

    /// The answer that a request got; `nil` where it is not known to be handled.
    func answer(of requestId: String) -> Frame? {
        guard case .done(let answer)? = self.requests[requestId] else { return nil }
        return answer
    }

    /// A request was not handled after all; it may come again.
    mutating func dropped(_ requestId: String) {
        guard case .inProgress? = self.requests[requestId] else { return }
        self.requests[requestId] = nil
    }

    private mutating func expire(now: MonotonicTime) {
        while let oldest = self.finished.first, now - oldest.at > self.age { self.forgetOldest() }
    }

    private mutating func forgetOldest() {
        if let oldest = self.finished.popFirst() { self.requests[oldest.requestId] = nil }
    }
}
