import PondRuntime

/// One listener of a client or channel; `unsubscribe()` ends it from any thread, forgetting the value does not.
public final class ClientSubscription: Sendable {
    private let ending: Lock<(@Sendable () -> Void)?>

    init(ending: @escaping @Sendable () -> Void) { self.ending = Lock(ending) }

    /// Ends it; a call that is under way on the client's loop still finishes.
    public func unsubscribe() {
        let ending = self.ending.withLock { ending in
            defer { ending = nil }
            return ending
        }
        ending?()
    }
}
