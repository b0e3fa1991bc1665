public import PondCore

/// A message of this client that the server has not confirmed.
public struct OutgoingMessage: Sendable, Hashable {
    /// The progress of a message.
    public enum State: Sendable, Hashable {
        /// Pending: the channel is not joined, or the window of unconfirmed messages is full.
        case queued
        /// In flight: handed to the connection, not confirmed by the server.
        case sending
        /// Handed to the connection of a server that does not confirm messages.
        case sent
        /// The server has handled it.
        case delivered
        /// The server refused it, or the client dropped it.
        case failed(PondError)
    }

    /// The id in this program; a retry keeps it.
    public let id: String
    /// The id on the wire. A retry gets a new one, because the server answers a repeated id from memory.
    public package(set) var requestId: String
    /// The event's name.
    public let event: String
    /// The event's payload.
    public let payload: Payload
    /// The progress of the message.
    public package(set) var state = State.queued
    /// The number of times it was handed to a connection.
    public package(set) var tries = 0
    /// When it entered this state.
    public package(set) var since: MonotonicTime
    /// Whether the outbox keeps the message after it failed, for a retry.
    package var keepsFailure: Bool

    package init(id: String, event: String, payload: Payload, keepsFailure: Bool = true, now: MonotonicTime) {
        self.id = id
        self.keepsFailure = keepsFailure
        self.requestId = id
        self.event = event
        self.payload = payload
        self.since = now
    }

    /// The size in bytes, without the envelope that all messages of the channel share.
    var size: Int { self.payload.bytes.count + self.event.utf8.count }

    /// This message in another state.
    func entering(_ state: State, now: MonotonicTime) -> OutgoingMessage {
        var copy = self
        copy.state = state
        copy.since = now
        return copy
    }
}

extension ClientMessage {
    /// The envelope of a message to a channel.
    init(_ message: OutgoingMessage, to channel: String) {
        self.init(
            action: .broadcast,
            event: message.event,
            channelName: channel,
            requestId: message.requestId,
            payload: message.payload,
            wantsAcknowledgement: message.state == .sending
        )
    }
}
