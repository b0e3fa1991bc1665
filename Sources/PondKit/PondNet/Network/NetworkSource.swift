public import PondRuntime

/// Where a client learns that the network came back.
public protocol NetworkSource: Sendable {
    /// Calls `changed` on the loop for every change, until the returned object is released.
    ///
    /// Called on the loop. Returns `nil` where changes cannot be watched; the client then waits for its next attempt.
    func watch(on loop: EventLoop, _ changed: @escaping (NetworkChange) -> Void) -> AnyObject?
}
