import PondCore

/// A channel as the connection serves it. Confined to the client's loop.
protocol ConnectedChannel: AnyObject {
    var name: String { get }
    /// When the oldest of what the server has not answered was sent; `nil` if everything is answered.
    var unansweredSince: MonotonicTime? { get }
    /// The largest message that was sent and not confirmed.
    var largestSent: (requestId: String, bytes: Int, tries: Int)? { get }

    /// The connection is up: the channel joins.
    func connected()

    /// The connection was lost; `wanted` if the program disconnected it.
    func disconnected(_ error: PondError, wanted: Bool)

    /// The client makes no more attempts to connect.
    func gaveUp(_ error: PondError)

    /// The program released the client.
    func clientGone()

    /// Whether the channel made a request under this id.
    func asked(_ requestId: String) -> Bool

    func received(_ message: ServerMessage)

    /// Fails a message because the server closed the connection for its size.
    func refuseAsTooLarge(_ requestId: String)
}

extension [any ConnectedChannel] {
    /// The server closed the connection for a message over its limit.
    ///
    /// Only an unconfirmed message can be the cause, and where any is too large, the largest is. It fails if it was sent
    /// before: a first time the close may have had another cause.
    func failTooLarge() {
        let largest = self.max { $0.largestSent?.bytes ?? 0 < $1.largestSent?.bytes ?? 0 }
        guard let largest, let message = largest.largestSent, message.tries > 1 else { return }
        largest.refuseAsTooLarge(message.requestId)
    }
}
