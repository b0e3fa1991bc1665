/// A step before a handler, which calls `next()` to continue, or does not.
///
/// ```swift
/// let membersOnly = Middleware<EventContext> { context, next in
///     guard context.assigns["member"]?.bool == true else { throw PondError.forbidden("members only") }
///     try next()
/// }
/// lobby.onMessage("message", membersOnly) { context in … }
/// ```
///
/// A step that does not suspend and stands before a handler that does, gets its `next()` back at once: what
/// follows runs when the step has returned. A step that must see the end of what follows awaits `next()`.
public struct Middleware<Context>: Sendable {
    typealias Sync = @Sendable (Context, () throws -> Void) throws -> Void
    typealias Async = @concurrent @Sendable (Context, () async throws -> Void) async throws -> Void

    let sync: Sync?
    let async: Async?

    /// A step that does not suspend.
    public init(_ step: @escaping @Sendable (Context, _ next: () throws -> Void) throws -> Void) {
        self.sync = step
        self.async = nil
    }

    /// A step that may suspend; everything after it then runs in a task on the event loop.
    public init(_ step: @concurrent @escaping @Sendable (Context, _ next: () async throws -> Void) async throws -> Void)
    {
        self.sync = nil
        self.async = step
    }

    /// A step that is written both ways, so that it neither makes a task nor misses the end of what follows.
    public init(
        sync: @escaping @Sendable (Context, _ next: () throws -> Void) throws -> Void,
        async: @concurrent @escaping @Sendable (Context, _ next: () async throws -> Void) async throws -> Void
    ) {
        self.sync = sync
        self.async = async
    }
}
