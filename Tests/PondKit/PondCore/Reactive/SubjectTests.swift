import PondKit
import Testing

@Suite struct SubjectTests {
    @Test func reachesItsObserversInOrderUntilTheyLeave() {
        let subject = Subject<Int>()
        var heard: [String] = []
        let first = subject.subscribe { heard.append("a\($0)") }
        subject.subscribe { heard.append("b\($0)") }
        subject.publish(1)
        first.unsubscribe()
        first.unsubscribe()
        subject.publish(2)
        #expect(heard == ["a1", "b1", "b2"])
        #expect(subject.size == 1)
        #expect(!first.isActive)
        subject.close()
        subject.publish(3)
        #expect(!subject.subscribe { heard.append("c\($0)") }.isActive)
        #expect(heard == ["a1", "b1", "b2"])
        #expect(subject.size == 0)
    }

    @Test func letsObserversChangeItWhileTheyAreCalled() {
        let subject = Subject<Int>()
        var heard: [String] = []
        var later: Subscription?
        subject.subscribe { value in
            heard.append("a\(value)")
            if value == 1 {
                later?.unsubscribe()
                subject.subscribe { heard.append("new\($0)") }
                subject.publish(2)
            }
        }
        later = subject.subscribe { heard.append("gone\($0)") }
        subject.subscribe { heard.append("b\($0)") }
        subject.publish(1)
        #expect(heard == ["a1", "b1", "a2", "b2", "new2"])
        subject.subscribe { _ in subject.close() }
        subject.subscribe { heard.append("closed\($0)") }
        heard = []
        subject.publish(3)
        #expect(heard == ["a3", "b3", "new3"])
    }

    @Test func tellsANewObserverTheLastValue() {
        let subject = BehaviorSubject("idle")
        var heard: [String] = []
        subject.subscribe { heard.append($0) }
        subject.publish("busy")
        subject.subscribe { heard.append("late \($0)") }
        #expect(heard == ["idle", "busy", "late busy"])
        subject.close()
        subject.publish("more")
        #expect(subject.value == "busy")
        subject.subscribe { heard.append("never \($0)") }
        #expect(heard.count == 3)
    }
}
