/// What of a client is seen from any thread: its status, and who listens.
final class ClientShared: Sendable {
    let connectionChanges = Listeners<ConnectionStatus>()
    let lags = Listeners<Duration>()
    let errors = Listeners<PondError>()
    let messages = Listeners<ServerMessage>()
    private let state: Lock<ConnectionStatus>

    init(status: ConnectionStatus) { self.state = Lock(status) }

    var status: ConnectionStatus {
        get { self.state.withLock { $0 } }
        set { self.state.withLock { $0 = newValue } }
    }

    func finish() {
        self.connectionChanges.finish()
        self.lags.finish()
        self.errors.finish()
        self.messages.finish()
    }
}
