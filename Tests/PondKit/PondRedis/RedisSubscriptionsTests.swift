import PondTestSupport
import Testing

@testable import PondCore
@testable import PondRedis
@testable import PondServer

@Suite struct RedisSubscriptionsTests {
    private static func push(_ items: String...) -> RESPValue {
        .array(items.enumerated().map { .bulk(Array($0.element.utf8)) })
    }

    private static func confirm(_ kind: String, _ name: String) -> RESPValue {
        .array([.bulk(Array(kind.utf8)), .bulk(Array(name.utf8)), .integer(1)])
    }

    private func hear(_ subscriptions: inout RedisSubscriptions, _ value: RESPValue) {
        for (receive, signal) in subscriptions.received(value) { receive(signal) }
    }

    @Test func theServerIsToldOncePerTopicAndSubscribersWhenItHasConfirmed() {
        var subscriptions = RedisSubscriptions()
        let (one, two, three) = (SignalLog(), SignalLog(), SignalLog())
        #expect(subscriptions.add(1, .exactly("a"), one.hear).command == nil)
        #expect(subscriptions.connected() == [["SUBSCRIBE", "a"]])
        #expect(subscriptions.add(2, .exactly("a"), two.hear).command == nil)
        self.hear(&subscriptions, Self.push("message", "a", "early"))
        #expect(one.signals + two.signals == [])
        self.hear(&subscriptions, Self.confirm("subscribe", "a"))
        #expect(one.signals == [.subscribed])
        #expect(two.signals == [.subscribed])
        let added = subscriptions.add(3, .exactly("a"), three.hear)
        #expect(added.command == nil)
        #expect(added.isHeard)
        self.hear(&subscriptions, Self.push("message", "a", "x"))
        self.hear(&subscriptions, Self.push("message", "b", "y"))
        #expect(one.texts == ["x"])
        #expect(three.texts == ["x"])
        #expect(subscriptions.remove(1) == nil)
        #expect(subscriptions.remove(2) == nil)
        #expect(subscriptions.remove(3) == ["UNSUBSCRIBE", "a"])
        #expect(subscriptions.remove(3) == nil)
        #expect(subscriptions.count == 0)
    }

    /// A channel that begins says who is in it before its topic is heard: others must be told again.
    @Test func whoDoesNotHearYetWhenMessagesAreLostIsToldOfThatOnceItHears() {
        var subscriptions = RedisSubscriptions()
        let (early, late) = (SignalLog(), SignalLog())
        _ = subscriptions.connected()
        _ = subscriptions.add(1, .exactly("a"), early.hear)
        self.hear(&subscriptions, Self.confirm("subscribe", "a"))
        _ = subscriptions.add(2, .exactly("b"), late.hear)
        for receive in subscriptions.lostMessages() { receive(.interrupted) }
        #expect(early.signals == [.subscribed, .interrupted] && late.signals == [])
        self.hear(&subscriptions, Self.confirm("subscribe", "b"))
        #expect(late.signals == [.subscribed, .interrupted, .subscribed])
        _ = subscriptions.lost()
        _ = subscriptions.connected()
        self.hear(&subscriptions, Self.confirm("subscribe", "b"))
        #expect(late.signals.last == .subscribed && late.signals.count == 4)
    }

    @Test func aPatternAndANameAreTwoSubscriptions() {
        var subscriptions = RedisSubscriptions()
        let (name, pattern) = (SignalLog(), SignalLog())
        #expect(subscriptions.connected() == [])
        #expect(subscriptions.add(1, .exactly("a*"), name.hear).command == ["SUBSCRIBE", "a*"])
        #expect(subscriptions.add(2, .beginning("a*"), pattern.hear).command == ["PSUBSCRIBE", "a\\**"])
        self.hear(&subscriptions, Self.confirm("subscribe", "a*"))
        self.hear(&subscriptions, Self.confirm("psubscribe", "a\\**"))
        self.hear(&subscriptions, Self.push("message", "a*", "x"))
        self.hear(&subscriptions, Self.push("pmessage", "a\\**", "a*", "x"))
        #expect(name.texts == ["x"])
        #expect(pattern.signals == [.subscribed, .message(topic: "a*", bytes: Array("x".utf8))])
        #expect(subscriptions.remove(2) == ["PUNSUBSCRIBE", "a\\**"])
    }

    @Test func aConfirmationOfAnEarlierSubscriptionIsNotTakenForThatOfTheNext() {
        var subscriptions = RedisSubscriptions()
        let (old, new) = (SignalLog(), SignalLog())
        _ = subscriptions.connected()
        #expect(subscriptions.add(1, .exactly("a"), old.hear).command == ["SUBSCRIBE", "a"])
        #expect(subscriptions.remove(1) == ["UNSUBSCRIBE", "a"])
        #expect(subscriptions.add(2, .exactly("a"), new.hear).command == ["SUBSCRIBE", "a"])
        self.hear(&subscriptions, Self.confirm("subscribe", "a"))
        self.hear(&subscriptions, Self.confirm("unsubscribe", "a"))
        #expect(new.signals == [])
        self.hear(&subscriptions, Self.confirm("subscribe", "a"))
        #expect(new.signals == [.subscribed])
        #expect(old.signals == [])
    }

    @Test func afterALossEverythingIsAskedForAgain() {
        var subscriptions = RedisSubscriptions(isSharded: true)
        let (heard, late) = (SignalLog(), SignalLog())
        _ = subscriptions.connected()
        _ = subscriptions.add(1, .exactly("a"), heard.hear)
        self.hear(&subscriptions, Self.confirm("ssubscribe", "a"))
        _ = subscriptions.add(2, .exactly("b"), late.hear)
        for receive in subscriptions.lost() { receive(.interrupted) }
        #expect(heard.signals == [.subscribed, .interrupted])
        #expect(late.signals == [])
        #expect(subscriptions.remove(2) == nil)
        #expect(subscriptions.connected() == [["SSUBSCRIBE", "a"]])
        self.hear(&subscriptions, Self.confirm("ssubscribe", "a"))
        self.hear(&subscriptions, Self.push("smessage", "a", "x"))
        #expect(heard.signals.dropFirst(2) == [.subscribed, .message(topic: "a", bytes: Array("x".utf8))])
    }

    @Test func whatIsNoMessageIsPassedOver() {
        var subscriptions = RedisSubscriptions()
        let log = SignalLog()
        _ = subscriptions.connected()
        _ = subscriptions.add(1, .exactly("a"), log.hear)
        let values: [RESPValue] = [
            .null, .integer(1), .array([]), .array([.integer(1)]), Self.push("message"), Self.push("message", "a"),
            Self.push("pmessage", "a*", "a", "x"), Self.push("subscribe"), Self.confirm("psubscribe", "zz"),
            .array([.bulk(Array("message".utf8)), .integer(1), .null]), Self.push("unsubscribe", "a", "0"),
        ]
        for value in values { self.hear(&subscriptions, value) }
        #expect(log.signals == [])
    }
}
