import PondTestSupport
import Testing

@testable import PondCore
@testable import PondServer

@Suite struct DedupeWindowTests {
    private func frame(_ text: String) -> Frame { Frame(text: Array(text.utf8), event: text) }

    /// The action as text, for `Frame` cannot be compared.
    private func arrive(_ window: inout DedupeWindow, _ id: String, at second: UInt64 = 0) -> String {
        switch window.arrived(id, now: .seconds(second)) {
        case .handle: "handle"
        case .ignore: "ignore"
        case .answer(let frame): "answer \(frame.event)"
        case .refuse: "refuse"
        }
    }

    @Test func handlesARequestOnceAndAnswersItsRepeats() {
        var window = DedupeWindow(maximum: 10, age: .seconds(60))
        #expect(self.arrive(&window, "a") == "handle")
        #expect(self.arrive(&window, "a") == "ignore")
        #expect(self.arrive(&window, "b") == "handle")
        window.ended("a", answer: self.frame("DELIVERED"), now: .zero)
        window.ended("b", answer: self.frame("CHANNEL_ERROR"), now: .zero)
        window.ended("a", answer: self.frame("twice"), now: .zero)
        window.ended("unknown", answer: self.frame("x"), now: .zero)
        #expect(self.arrive(&window, "a") == "answer DELIVERED")
        #expect(self.arrive(&window, "b") == "answer CHANNEL_ERROR")
        #expect(window.count == 2)
    }

    @Test func handlesAgainWhatWasNotHandledAfterAll() {
        var window = DedupeWindow(maximum: 10, age: .seconds(60))
        #expect(self.arrive(&window, "a") == "handle")
        window.dropped("a")
        #expect(self.arrive(&window, "a") == "handle")
        window.ended("a", answer: self.frame("DELIVERED"), now: .zero)
        window.dropped("a")
        #expect(self.arrive(&window, "a") == "answer DELIVERED")
    }

    @Test func forgetsTheOldestWhenFullAndNeverWhatIsInProgress() {
        var window = DedupeWindow(maximum: 3, age: .seconds(60))
        for id in ["a", "b", "c"] { #expect(self.arrive(&window, id) == "handle") }
        #expect(self.arrive(&window, "d") == "refuse")
        window.ended("b", answer: self.frame("B"), now: .zero)
        window.ended("a", answer: self.frame("A"), now: .zero)
        #expect(self.arrive(&window, "d") == "handle")
        #expect(self.arrive(&window, "a") == "answer A")
        #expect(self.arrive(&window, "c") == "ignore")
        #expect(self.arrive(&window, "b") == "handle")
        #expect(window.count == 3)
    }

    @Test func forgetsByAge() {
        var window = DedupeWindow(maximum: 1000, age: .seconds(10))
        for second in 0..<100 as Range<UInt64> {
            #expect(self.arrive(&window, "\(second)", at: second) == "handle")
            window.ended("\(second)", answer: self.frame("x"), now: .seconds(second))
            #expect(window.count <= 11)
        }
        #expect(self.arrive(&window, "89", at: 99) == "answer x")
        #expect(self.arrive(&window, "88", at: 99) == "handle")
    }
}
