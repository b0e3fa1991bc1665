@testable import PondKit

/// One node's way to the topics of a simulated Redis, over two connections.
///
/// `@unchecked Sendable`: everything happens on the thread of the test, which runs the loop.
final class SimulatedCarrier: PubSub, @unchecked Sendable {
    private struct Subscriber {
        let topic: String
        let receive: @Sendable (PubSubSignal) -> Void
        var isHearing = false
    }

    private let redis: SimulatedRedis
    private let speaking: SimulatedRedisLink
    private let hearing: SimulatedRedisLink
    private var subscribers: [UInt64: Subscriber] = [:]
    private var number: UInt64 = 0
    private var lost = 0
    let statistics = PubSubStatistics()

    init(_ redis: SimulatedRedis, on loop: EventLoop, seed: UInt64) {
        self.redis = redis
        self.speaking = SimulatedRedisLink(to: redis, on: loop, .drop, seed: seed)
        self.hearing = SimulatedRedisLink(to: redis, on: loop, .drop, seed: seed &+ 1)
        self.hearing.whenReady = { [unowned self] _ in
            for (number, subscriber) in self.subscribers.sorted(by: { $0.key < $1.key }) {
                self.subscribe(number, to: subscriber.topic)
            }
        }
        self.hearing.whenLost = { [unowned self] _ in
            for number in self.heard { self.subscribers[number]?.isHearing = false }
            for number in self.told { self.subscribers[number]?.receive(.interrupted) }
            self.told = []
        }
        self.hearing.whenPushed = { [unowned self] topic, bytes in
            for number in self.heard where self.subscribers[number]?.topic == topic {
                self.subscribers[number]?.receive(.message(topic: topic, bytes: bytes))
            }
        }
        self.speaking.whenLost = { [unowned self] dropped in self.lost += dropped }
        self.speaking.whenReady = { [unowned self] _ in
            guard self.lost > 0 else { return }
            self.lost = 0
            for number in self.heard {
                self.subscribers[number]?.receive(.interrupted)
                self.subscribers[number]?.receive(.subscribed)
            }
        }
    }

    private var told: [UInt64] = []
    private var heard: [UInt64] { self.subscribers.filter(\.value.isHearing).keys.sorted() }

    var links: [SimulatedRedisLink] { [self.speaking, self.hearing] }

    private func subscribe(_ number: UInt64, to topic: String) {
        self.hearing.subscribe(to: topic) {
            guard let subscriber = self.subscribers[number], !subscriber.isHearing else { return }
            self.subscribers[number]?.isHearing = true
            self.told.append(number)
            subscriber.receive(.subscribed)
        }
    }

    func subscribe(
        to pattern: String,
        receive: @escaping @Sendable (PubSubSignal) -> Void
    ) throws(PondError) -> PubSubSubscription {
        self.number += 1
        self.subscribers[self.number] = Subscriber(topic: pattern, receive: receive)
        self.subscribe(self.number, to: pattern)
        return PubSubSubscription(number: self.number)
    }

    func unsubscribe(_ subscription: PubSubSubscription) { self.subscribers[subscription.number] = nil }

    func publish(_ message: [UInt8], to topic: String) throws(PondError) {
        self.speaking.send {
            self.redis.publish(message, to: topic)
            return {}
        }
    }

    func close() async {}
}
