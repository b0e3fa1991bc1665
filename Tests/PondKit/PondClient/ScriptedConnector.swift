import PondKit

/// A connector that lets the test decide what becomes of each attempt.
///
/// `@unchecked Sendable`: everything happens on the thread of the test, which runs the loop.
final class ScriptedConnector: ClientConnector, @unchecked Sendable {
    struct Attempt {
        let target: ClientTarget
        let completion: (Result<any Transport, PondError>) -> Void
    }

    private(set) var attempts: [Attempt] = []

    func connect(
        to target: ClientTarget,
        on loop: EventLoop,
        completion: @escaping (Result<any Transport, PondError>) -> Void
    ) {
        self.attempts.append(Attempt(target: target, completion: completion))
    }
}
