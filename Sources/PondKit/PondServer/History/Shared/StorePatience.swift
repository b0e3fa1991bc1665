import PondRuntime

/// A question to a store that somebody waits for, and not for ever.
///
/// Confined to the loop of who asks.
final class StorePatience<Answer: Sendable> {
    private var then: ((Answer?) -> Void)?
    private var timer: TimerID?
    private let loop: EventLoop

    private init(on loop: EventLoop, _ then: @escaping (Answer?) -> Void) {
        self.loop = loop
        self.then = then
    }

    /// Asks; `then` is called once on the loop, with the answer, or without one when it took longer than `patience`.
    static func ask(
        for patience: Duration?,
        on loop: EventLoop,
        _ question: (@escaping @Sendable (Answer) -> Void) -> Void,
        then: @escaping @Sendable (Answer?) -> Void
    ) {
        guard let patience else { return question { then($0) } }
        let wait = StorePatience(on: loop, then)
        let box = LoopConfined(wait, to: loop)
        wait.timer = loop.schedule(after: patience) { box.value.end(nil) }
        question { box.value.end($0) }
    }

    private func end(_ answer: Answer?) {
        guard let then = self.then else { return }
        self.then = nil
        if let timer = self.timer { self.loop.cancel(timer) }
        then(answer)
    }
}
