internal import Glibc
package import PondKit

extension PondOptions {
    /// These options on the carrier that `POND_TEST_CARRIER` names: `local`, the URL of a Redis, or none where it is not
    /// set. So the suites of one server run again as those of a node.
    package var onTestCarrier: PondOptions {
        guard let carrier = TestCarrier.chosen() else { return self }
        var options = self
        // Each server is a cluster of its own: tests that run at a time must not hear each other.
        options.cluster = ClusterOptions(carrier, topics: ClusterTopics(namespace: PondID.token()))
        return options
    }
}

/// One carrier for all servers of a test run, which no server can close for the others.
private final class TestCarrier: PubSub {
    private static let name: String? = getenv("POND_TEST_CARRIER").map { String(cString: $0) }
    private static let redis = TestCarrier.name.flatMap { try? RedisPubSub($0) }.map(TestCarrier.init)

    private let carrier: any PubSub

    private init(_ carrier: any PubSub) { self.carrier = carrier }

    static func chosen() -> (any PubSub)? {
        switch Self.name {
        case nil, "": return nil
        case "local": return LocalPubSub()
        default:
            guard let redis = Self.redis else { fatalError("POND_TEST_CARRIER is neither local nor a Redis URL") }
            return redis
        }
    }

    func subscribe(
        to pattern: String,
        receive: @escaping @Sendable (PubSubSignal) -> Void
    ) throws(PondError) -> PubSubSubscription {
        try self.carrier.subscribe(to: pattern, receive: receive)
    }

    func unsubscribe(_ subscription: PubSubSubscription) { self.carrier.unsubscribe(subscription) }

    func publish(_ message: [UInt8], to topic: String) throws(PondError) {
        try self.carrier.publish(message, to: topic)
    }

    func close() async {}

    var statistics: PubSubStatistics { self.carrier.statistics }
}
