public import PondCore

/// Everything there is to show about a connection at one moment.
public struct ConnectionStatus: Sendable, Hashable {
    /// Where the connection stands.
    public var state: ConnectionState
    /// Why it stands there.
    public var reason: ConnectionReason
    /// Since when.
    public var since: MonotonicTime
    /// The number of the try that runs or comes next, from 1; 0 when none does.
    public var attempt: Int
    /// When the next try starts, while one is waited for.
    public var nextTry: MonotonicTime?
    /// How long the peer took to answer the last ping.
    public var lag: Duration?
    /// When the peer was last heard of.
    public var lastHeard: MonotonicTime?
    /// Since when the server has been silent although an answer is due; `nil` while nothing is overdue.
    ///
    /// Set when the link is probed (`probeAfter`) and cleared by the next sign of life: a program can show
    /// "no answer for N s" from it.
    public var unansweredSince: MonotonicTime?
    /// Whether the server gave back the session that was lost; `nil` until there was one to give back.
    public var resumed: Bool?
    /// The user id the server gave us.
    public var userId: String?

    /// Why the client has given up; `nil` while it is connected or tries, and where the program wants no connection.
    public var finalError: PondError? {
        guard self.state == .disconnected, self.nextTry == nil else { return nil }
        switch self.reason {
        case .notStarted, .disconnectRequested: return nil
        case .failed(let error): return error
        case .requested, .retry, .networkChanged, .greeted, .timedOut, .ended, .silent, .unanswered, .drained:
            return .unavailable("The client has given up: \(self.reason)")
        }
    }

    /// The seconds without a sign of life while an answer is due, rounded down, for a display.
    public func secondsUnanswered(at now: MonotonicTime) -> Int? {
        self.unansweredSince.map { max(0, Int((now - $0).inSeconds)) }
    }

    /// The seconds until the next try, rounded up, for a countdown.
    public func secondsToNextTry(at now: MonotonicTime) -> Int? {
        self.nextTry.map { max(0, Int(($0 - now).inSeconds.rounded(.up))) }
    }
}
