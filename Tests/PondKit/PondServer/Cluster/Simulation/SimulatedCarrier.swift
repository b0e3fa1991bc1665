@testable import PondCore
@testable import PondRedis
@testable import PondRuntime
@testable import PondServer

/// One node's way to the topics of a simulated Redis, over two connections, as `RedisPubSub` uses them.
///
/// `@unchecked Sendable`: everything happens on the thread of the test, which runs the loop.
final class SimulatedCarrier: PubSub, @unchecked Sendable {
    private let redis: SimulatedRedis
    private let speaking: SimulatedRedisLink
    private let hearing: SimulatedRedisLink
    private var subscriptions = RedisSubscriptions()
    private var number: UInt64 = 0
    private var lost = 0
    let statistics = PubSubStatistics()

    init(_ redis: SimulatedRedis, on loop: EventLoop, seed: UInt64) {
        self.redis = redis
        self.speaking = SimulatedRedisLink(to: redis, on: loop, .drop, seed: seed)
        self.hearing = SimulatedRedisLink(to: redis, on: loop, .drop, seed: seed &+ 1)
        self.hearing.whenReady = { [unowned self] _ in
            for command in self.subscriptions.connected().sorted(by: { $0[1] < $1[1] }) { self.tell(command) }
        }
        self.hearing.whenLost = { [unowned self] _ in
            for receive in self.subscriptions.lost() { receive(.interrupted) }
        }
        self.hearing.whenPushed = { [unowned self] topic, bytes in self.received("message", topic, .bulk(bytes)) }
        self.speaking.whenLost = { [unowned self] dropped in self.lost += dropped }
        self.speaking.whenReady = { [unowned self] _ in
            guard self.lost > 0 else { return }
            self.lost = 0
            for receive in self.subscriptions.lostMessages() {
                receive(.interrupted)
                receive(.subscribed)
            }
        }
    }

    var links: [SimulatedRedisLink] { [self.speaking, self.hearing] }

    private func tell(_ command: [String]) {
        switch command[0] {
        case "SUBSCRIBE":
            self.hearing.subscribe(to: command[1]) { self.received("subscribe", command[1], .integer(1)) }
        default: self.hearing.unsubscribe(from: command[1])
        }
    }

    private func received(_ kind: String, _ topic: String, _ value: RESPValue) {
        let message = RESPValue.array([.bulk(Array(kind.utf8)), .bulk(Array(topic.utf8)), value])
        for (receive, signal) in self.subscriptions.received(message) { receive(signal) }
    }

    func subscribe(
        to pattern: String,
        receive: @escaping @Sendable (PubSubSignal) -> Void
    ) throws(PondError) -> PubSubSubscription {
        self.number += 1
        let (command, isHeard) = self.subscriptions.add(self.number, TopicPattern(pattern), receive)
        if let command { self.tell(command) }
        if isHeard { receive(.subscribed) }
        return PubSubSubscription(number: self.number)
    }

    func unsubscribe(_ subscription: PubSubSubscription) {
        if let command = self.subscriptions.remove(subscription.number) { self.tell(command) }
    }

    func publish(_ message: [UInt8], to topic: String) throws(PondError) {
        self.speaking.send {
            self.redis.publish(message, to: topic)
            return {}
        }
    }

    func close() async {}
}
