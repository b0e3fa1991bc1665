/// What waits to be sent to a Redis server, in order, and what was sent and has no answer.
protocol RedisWaiting: Sendable {
    /// What waits.
    var waitingCount: Int { get }

    /// Whether nothing waits and nothing is in flight.
    var isSettled: Bool { get }

    /// Appends what is sent next, which is in flight from here on; false where nothing waits.
    mutating func next(into bytes: inout [UInt8]) -> Bool
}
