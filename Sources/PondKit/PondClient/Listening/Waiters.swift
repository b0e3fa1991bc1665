import PondCore
import PondRuntime

/// Callers that wait for one state of a client or channel. Each is completed once. Confined to a loop.
final class Waiters {
    private struct Waiter {
        let complete: @Sendable (PondError?) -> Void
        let timer: TimerID?
    }

    private let loop: EventLoop
    private var waiters: [String: Waiter] = [:]

    init(loop: EventLoop) { self.loop = loop }

    /// Takes a caller that waits for `what`; after `timeout` it gets a 408.
    func add(
        _ id: String,
        for what: @autoclosure () -> String,
        timeout: Duration?,
        complete: @escaping @Sendable (PondError?) -> Void
    ) {
        let timer = timeout.map { timeout in
            let message = "\(what()) did not happen within \(timeout); the client goes on trying"
            let error = PondError(code: 408, kind: .timeout, message: message, temporary: true)
            return self.loop.schedule(after: max(.zero, timeout)) { [weak self] in self?.complete(id, error) }
        }
        self.waiters[id] = Waiter(complete: complete, timer: timer)
    }

    /// Completes one caller, if it still waits.
    func complete(_ id: String, _ error: PondError?) {
        guard let waiter = self.waiters.removeValue(forKey: id) else { return }
        if let timer = waiter.timer { self.loop.cancel(timer) }
        waiter.complete(error)
    }

    /// Completes every caller: the state is reached, or never will be because of `error`.
    func completeAll(_ error: PondError?) {
        for id in self.waiters.keys { self.complete(id, error) }
    }
}

/// Waits for the end of something that an owner on a loop begins under a new id, until the task is cancelled.
///
/// `submit` runs work on the owner's loop and answers false where that loop has stopped; then the outcome is `stopped`.
func waitOnLoop<Owner, Outcome: Sendable>(
    submit: @Sendable @escaping (@escaping @Sendable (Owner) -> Void) -> Bool,
    stopped: Outcome,
    begin: @escaping @Sendable (Owner, String, @escaping @Sendable (Outcome) -> Void) -> Void,
    cancelled: @escaping @Sendable (Owner, String, @escaping @Sendable (Outcome) -> Void) -> Void,
    forget: @escaping @Sendable (Owner, String) -> Void
) async -> Outcome {
    let id = PondID.uuid()
    // A task may be cancelled before the owner has begun: what tells it to forget must not come too early.
    let isCancelled = Lock(false)
    return await withTaskCancellationHandler {
        await withCheckedContinuation { continuation in
            let isBegun = submit { owner in
                let act = isCancelled.withLock { $0 } ? cancelled : begin
                act(owner, id) { continuation.resume(returning: $0) }
            }
            if !isBegun { continuation.resume(returning: stopped) }
        }
    } onCancel: {
        isCancelled.withLock { $0 = true }
        _ = submit { forget($0, id) }
    }
}
