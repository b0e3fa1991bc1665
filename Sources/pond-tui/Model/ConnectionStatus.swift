/// What the connection machine says of itself.
struct ConnectionStatus: Hashable, Sendable {
    var state: ConnectionState = .disconnected
    /// Which try this is, or the next one will be; 0 before the first.
    var attempt = 0
    /// When the next try begins, while one is waited for.
    var retryAt: WallTime?
    /// When the wait for it began.
    var retryFrom: WallTime?
    /// Whether the server gave the session of the lost connection back; `nil` where there was none.
    var isResumed: Bool?
    /// Why there is no connection.
    var reason: String?
    /// The server's number, when it refused the name or the token.
    var refusal: Int?
    /// The last measured round trip.
    var lagMilliseconds: Int?
    /// Since when the present state holds.
    var since: WallTime?
    /// When the server was heard last.
    var lastHeard: WallTime?
    /// Since when something that the session asked for has no answer, as the session says.
    var unansweredSince: WallTime?
    /// How long the server has been silent, where that is worth a word.
    func silence(at now: WallTime) -> String? {
        guard let lastHeard = self.lastHeard, now - lastHeard >= 3_000 else { return nil }
        return Elapsed.brief(milliseconds: now - lastHeard)
    }

    /// What to do about a server that does not let one in.
    var advice: String? {
        switch self.refusal {
        case 400, 409: "/nick NAME takes another name, F5 tries again"
        case 404, 405, 426: "/connect HOST:PORT goes elsewhere, F5 tries again"
        case 403 where self.reason?.contains("reserved") == true: "/nick NAME takes another name"
        case 401: "/nick NAME takes another name; --token TOKEN at the start says who you are"
        default:
            // What no waiting will change.
            self.reason?.lowercased().contains("certificate") == true
                ? "have this machine trust who signed it, or start with --insecure, which checks nothing" : nil
        }
    }
    /// Whether the user asked for no connection.
    var isWanted = true
}

/// The states of the connection machine, under the names the protocol gives them.
enum ConnectionState: String, Hashable, Sendable {
    case disconnected = "DISCONNECTED"
    case connecting = "CONNECTING"
    case connected = "CONNECTED"
}
