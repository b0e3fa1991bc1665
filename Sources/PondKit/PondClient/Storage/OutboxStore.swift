public import PondCore

/// Keeps what a client has not got to the server yet, so that a later process can send it.
///
/// One client uses a store at a time. All calls come from one thread at a time, in order, and must return quickly.
public protocol OutboxStore: Sendable {
    /// The state that an earlier process left. Called once, when the client is made.
    func load() throws(PondError) -> StoredOutbox

    /// Stores changes in order, before the messages in them are sent.
    ///
    /// When it throws, the client goes on without having stored them, and reports the error to `onError`.
    func store(_ changes: [OutboxChange]) throws(PondError)
}
