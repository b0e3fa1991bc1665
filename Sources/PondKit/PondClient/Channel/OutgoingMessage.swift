public import PondCore

/// A message of ours on its way to the server.
public struct OutgoingMessage: Sendable, Hashable {
    /// How far a message has come.
    public enum State: Sendable, Hashable {
        /// It waits for the channel to be joined, or for a confirmation of earlier ones.
        case queued
        /// It was handed to the connection; the server has not confirmed it.
        case sending
        /// It was handed to the connection of a server that never confirms.
        case sent
        /// The server has handled it.
        case delivered
        /// The server refused it, or it was dropped here.
        case failed(PondError)
    }

    /// Its name in this program; a retry keeps it.
    public let id: String
    /// Its name on the wire; a retry gets a new one, for the server answers a repeated one from memory.
    public package(set) var requestId: String
    /// The event's name.
    public let event: String
    /// What it carries.
    public let payload: Payload
    /// How far it has come.
    public package(set) var state = State.queued
    /// How often it was handed to a connection.
    public package(set) var tries = 0
    /// When it came to this state.
    public package(set) var since: MonotonicTime

    package init(id: String, event: String, payload: Payload, now: MonotonicTime) {
        self.id = id
        self.requestId = id
        self.event = event
        self.payload = payload
        self.since = now
    }

    /// Its size in bytes, but for what is the same for every message of the channel.
    var size: Int { self.payload.bytes.count + self.event.utf8.count }

    /// This message in another state.
    func entering(_ state: State, now: MonotonicTime) -> OutgoingMessage {
        var copy = self
        copy.state = state
        copy.since = now
        return copy
    }
}
