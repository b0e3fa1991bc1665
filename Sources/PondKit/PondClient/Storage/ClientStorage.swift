import PondCore

/// Writes what survives the process to the client's store, where it has one. Confined to the client's loop.
final class ClientStorage {
    private let store: (any OutboxStore)?
    private let errors: Listeners<PondError>
    private var channels: [String: StoredOutbox.Channel]
    private var session: StoredOutbox.Session?

    init(_ store: (any OutboxStore)?, stored: StoredOutbox, errors: Listeners<PondError>) {
        self.store = store
        self.errors = errors
        self.channels = stored.channels
        self.session = stored.session
    }

    var isKept: Bool { self.store != nil }

    /// What an earlier process left of a channel. It is handed out once.
    func take(channel: String) -> StoredOutbox.Channel? { self.channels.removeValue(forKey: channel) }

    /// Stores a change; an error goes to the client's listeners, and the client goes on.
    func note(_ change: OutboxChange) {
        do throws(PondError) {
            try self.store?.store([change])
        } catch {
            self.errors.publish(error)
        }
    }

    func noteSession(_ token: String?, userId: String?) {
        let session = token.map { StoredOutbox.Session(token: $0, userId: userId) }
        guard self.isKept, session != self.session else { return }
        self.session = session
        self.note(.session(session))
    }
}
