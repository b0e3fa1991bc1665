import PondTestSupport
import Testing

@testable import PondCore
@testable import PondServer

@Suite struct LocalPubSubTests {
    @Test func everySubscriberOfATopicHearsItAndNobodyElse() throws {
        let pubSub = LocalPubSub()
        let (one, two, other) = (SignalLog(), SignalLog(), SignalLog())
        _ = try pubSub.subscribe(to: "a", receive: one.hear)
        _ = try pubSub.subscribe(to: "a.*", receive: two.hear)
        _ = try pubSub.subscribe(to: "b", receive: other.hear)
        try pubSub.publish(Array("x".utf8), to: "a")
        try pubSub.publish(Array("y".utf8), to: "ab")
        #expect(one.signals == [.subscribed, .message(topic: "a", bytes: Array("x".utf8))])
        #expect(two.texts == ["x", "y"])
        #expect(other.signals == [.subscribed])
        #expect(pubSub.statistics.published == 2)
        #expect(pubSub.statistics.received == 3)
    }

    @Test func afterUnsubscribingNothingIsHeard() throws {
        let pubSub = LocalPubSub()
        let log = SignalLog()
        let subscription = try pubSub.subscribe(to: "a", receive: log.hear)
        pubSub.unsubscribe(subscription)
        try pubSub.publish([1], to: "a")
        #expect(log.signals == [.subscribed])
    }

    @Test func publishingFromWithinASubscriberKeepsOneOrderForAll() throws {
        let pubSub = LocalPubSub()
        let (one, two) = (SignalLog(), SignalLog())
        _ = try pubSub.subscribe(to: "a") { signal in
            one.hear(signal)
            if case .message(_, let bytes) = signal, bytes.count < 4 {
                try? pubSub.publish(bytes + [UInt8(ascii: "x")], to: "a")
            }
        }
        _ = try pubSub.subscribe(to: "a", receive: two.hear)
        try pubSub.publish([UInt8(ascii: "x")], to: "a")
        #expect(one.texts == ["x", "xx", "xxx", "xxxx"])
        #expect(two.texts == one.texts)
    }

    @Test func manyThreadsPublishAndAllSubscribersSeeTheSameOrder() async throws {
        let pubSub = LocalPubSub()
        let (one, two) = (SignalLog(), SignalLog())
        _ = try pubSub.subscribe(to: "a", receive: one.hear)
        _ = try pubSub.subscribe(to: "a", receive: two.hear)
        await withTaskGroup(of: Void.self) { group in
            for publisher in 0..<4 {
                group.addTask {
                    for number in 0..<200 { try? pubSub.publish(Array("\(publisher):\(number)".utf8), to: "a") }
                }
            }
        }
        // Whoever delivers may be another publisher than the one that ended last: all have ended, so all is delivered.
        #expect(one.texts.count == 800)
        #expect(one.texts == two.texts)
        for publisher in 0..<4 {
            let own = one.texts.filter { $0.hasPrefix("\(publisher):") }
            #expect(own == (0..<200).map { "\(publisher):\($0)" })
        }
    }

    @Test func aClosedPublisherRefusesAndDeliversNothing() async throws {
        let pubSub = LocalPubSub()
        let log = SignalLog()
        _ = try pubSub.subscribe(to: "a", receive: log.hear)
        await pubSub.close()
        #expect(throws: PondError.self) { try pubSub.publish([1], to: "a") }
        #expect(throws: PondError.self) { try pubSub.subscribe(to: "a") { _ in } }
        #expect(log.signals == [.subscribed])
    }
}
