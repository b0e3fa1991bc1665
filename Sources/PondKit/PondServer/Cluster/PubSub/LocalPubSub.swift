public import PondCore
import PondRuntime

/// A `PubSub` within one process: several servers in one program, or a test of many nodes without a network.
public final class LocalPubSub: PubSub {
    private struct Subscriber {
        let pattern: TopicPattern
        let receive: @Sendable (PubSubSignal) -> Void
    }

    private enum Delivery {
        case welcome(UInt64)
        case message(topic: String, bytes: [UInt8])
    }

    private struct Shared {
        var subscribers: [UInt64: Subscriber] = [:]
        var nextNumber: UInt64 = 1
        var waiting: [Delivery] = []
        var isDelivering = false
        var isClosed = false
        var statistics = PubSubStatistics()
    }

    private let shared = Lock(Shared())

    public init() {}

    public func subscribe(
        to pattern: String,
        receive: @escaping @Sendable (PubSubSignal) -> Void
    ) throws(PondError) -> PubSubSubscription {
        let subscription = try self.shared.withLock { (shared) throws(PondError) in
            if shared.isClosed { throw .pubSubClosed }
            let number = shared.nextNumber
            shared.nextNumber += 1
            shared.subscribers[number] = Subscriber(pattern: TopicPattern(pattern), receive: receive)
            shared.waiting.append(.welcome(number))
            return PubSubSubscription(number: number)
        }
        self.deliver()
        return subscription
    }

    public func unsubscribe(_ subscription: PubSubSubscription) {
        self.shared.withLock { _ = $0.subscribers.removeValue(forKey: subscription.number) }
    }

    public func publish(_ message: [UInt8], to topic: String) throws(PondError) {
        try self.shared.withLock { (shared) throws(PondError) in
            if shared.isClosed { throw .pubSubClosed }
            shared.statistics.published += 1
            shared.waiting.append(.message(topic: topic, bytes: message))
        }
        self.deliver()
    }

    public func close() async {
        self.shared.withLock { shared in
            shared.isClosed = true
            shared.subscribers = [:]
            shared.waiting = []
        }
    }

    public var statistics: PubSubStatistics {
        self.shared.withLock { shared in
            var statistics = shared.statistics
            statistics.isConnected = !shared.isClosed
            statistics.waiting = shared.waiting.count
            return statistics
        }
    }

    /// Whoever finds nobody delivering delivers all that waits, so that every subscriber sees one and the same order.
    private func deliver() {
        while true {
            let batch: [Delivery]? = self.shared.withLock { shared in
                if shared.isDelivering || shared.waiting.isEmpty { return nil }
                shared.isDelivering = true
                defer { shared.waiting = [] }
                return shared.waiting
            }
            guard let batch else { return }
            for delivery in batch { self.deliver(delivery) }
            self.shared.withLock { $0.isDelivering = false }
        }
    }

    private func deliver(_ delivery: Delivery) {
        switch delivery {
        case .welcome(let number):
            let receive = self.shared.withLock { $0.subscribers[number]?.receive }
            receive?(.subscribed)
        case .message(let topic, let bytes):
            let receivers = self.shared.withLock { shared in
                let receivers = shared.subscribers.filter { $0.value.pattern.matches(topic) }
                    .sorted { $0.key < $1.key }.map(\.value.receive)
                shared.statistics.received += receivers.count
                return receivers
            }
            for receive in receivers { receive(.message(topic: topic, bytes: bytes)) }
        }
    }
}
