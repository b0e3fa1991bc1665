import PondCore
import PondRuntime

/// What of a client is seen from any thread: its status, and who listens.
///
/// A call of the program shows at once in what the program reads, before the client's loop has carried it out.
final class ClientShared: Sendable {
    private struct State {
        var status: ConnectionStatus
        /// Calls of the program that the loop has not carried out, and the status that the last of them asks for.
        var openCalls = 0
        var asked: ConnectionStatus?
        var serverLimit: Int?
    }

    let connectionChanges = Listeners<ConnectionStatus>()
    let lags = Listeners<Duration>()
    let errors = Listeners<PondError>()
    let messages = Listeners<ServerMessage>()
    private let state: Lock<State>

    init(status: ConnectionStatus) { self.state = Lock(State(status: status)) }

    /// What the program reads.
    var status: ConnectionStatus { self.state.withLock { $0.asked ?? $0.status } }

    /// What the loop last showed.
    var published: ConnectionStatus {
        get { self.state.withLock { $0.status } }
        set { self.state.withLock { $0.status = newValue } }
    }

    /// The largest message that the server takes, where it said so.
    var serverLimit: Int? {
        get { self.state.withLock { $0.serverLimit } }
        set { self.state.withLock { $0.serverLimit = newValue } }
    }

    /// The program called `disconnect()`.
    func askToDisconnect() {
        self.ask { status in
            guard status.state != .disconnected || status.nextTry != nil else { return }
            status.state = .disconnected
            status.reason = .disconnectRequested
            status.attempt = 0
            status.nextTry = nil
            status.lag = nil
            status.unansweredSince = nil
        }
    }

    /// The program called `connect()`, or `reconnectNow()` where that starts an attempt.
    func askToConnect(onlyWhileWaiting: Bool = false) {
        self.ask { status in
            guard status.state == .disconnected, !onlyWhileWaiting || status.nextTry != nil else { return }
            status.attempt = max(1, status.attempt)
            status.state = .connecting
            status.reason = .requested
            status.nextTry = nil
        }
    }

    private func ask(_ change: (inout ConnectionStatus) -> Void) {
        self.state.withLock { state in
            state.openCalls += 1
            var status = state.asked ?? state.status
            change(&status)
            state.asked = status
        }
    }

    /// The loop has carried out one call of the program.
    func carriedOut() {
        self.state.withLock { state in
            state.openCalls -= 1
            if state.openCalls == 0 { state.asked = nil }
        }
    }

    func finish() {
        self.connectionChanges.finish()
        self.lags.finish()
        self.errors.finish()
        self.messages.finish()
    }
}
