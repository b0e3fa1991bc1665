import PondCore
import PondRuntime

/// Where one consumer task finds the values that a client's loop puts there: bounded, the oldest go first.
final class Mailbox<Element: Sendable>: Sendable {
    private struct State {
        var waiting = Queue<Element>()
        var consumer: CheckedContinuation<Element?, Never>?
        var isFinished = false
        var dropped = 0
    }

    private let state = Lock(State())
    private let subscription = Lock<ClientSubscription?>(nil)
    private let capacity: Int
    private let owner: (any AnyObject & Sendable)?

    init(capacity: Int, owner: (any AnyObject & Sendable)? = nil) {
        self.capacity = max(1, capacity)
        self.owner = owner
    }

    deinit { self.subscription.withLock { $0 }?.unsubscribe() }

    /// How many values nobody took in time.
    var dropped: Int { self.state.withLock { $0.dropped } }

    /// Keeps the subscription that fills the mailbox as long as the mailbox.
    func hold(_ subscription: ClientSubscription) { self.subscription.withLock { $0 = subscription } }

    func put(_ element: Element) {
        let consumer: CheckedContinuation<Element?, Never>? = self.state.withLock { state in
            guard !state.isFinished else { return nil }
            if let consumer = state.consumer {
                state.consumer = nil
                return consumer
            }
            if state.waiting.count >= self.capacity {
                _ = state.waiting.popFirst()
                state.dropped += 1
            }
            state.waiting.append(element)
            return nil
        }
        consumer?.resume(returning: element)
    }

    func finish() {
        let consumer = self.state.withLock { state in
            defer { state.consumer = nil }
            state.isFinished = true
            return state.consumer
        }
        consumer?.resume(returning: nil)
    }

    /// The next value; `nil` when no more can come, when the task was cancelled, or when another task waits already.
    func next(isolation: isolated (any Actor)?) async -> Element? {
        await withTaskCancellationHandler(
            operation: { await self.wait(isolation: isolation) },
            onCancel: { self.finish() },
            isolation: isolation
        )
    }

    private func wait(isolation: isolated (any Actor)?) async -> Element? {
        await withCheckedContinuation(isolation: isolation) { continuation in
            let ready: Element?? = self.state.withLock { state in
                if let element = state.waiting.popFirst() { return element }
                if state.isFinished || state.consumer != nil { return .some(nil) }
                state.consumer = continuation
                return nil
            }
            if let ready { continuation.resume(returning: ready) }
        }
    }
}
