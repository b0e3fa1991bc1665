/// A handler behind its middleware.
final class HandlerChain<Context>: Sendable {
    private let steps: [Middleware<Context>]
    private let handler: Handler<Context>
    /// Whether any part may suspend, so that running it takes a task.
    let suspends: Bool

    init(_ steps: [Middleware<Context>], _ handler: Handler<Context>) {
        self.steps = steps
        self.handler = handler
        if case .async = handler {
            self.suspends = true
        } else {
            self.suspends = steps.contains { $0.sync == nil }
        }
    }

    /// The same handler behind further steps that come first.
    func behind(_ first: [Middleware<Context>]) -> HandlerChain {
        first.isEmpty ? self : HandlerChain(first + self.steps, self.handler)
    }

    /// Runs a chain that cannot suspend.
    func run(_ context: Context) throws {
        try self.run(context, from: 0)
    }

    private func run(_ context: Context, from index: Int) throws {
        guard index < self.steps.count else {
            if case .sync(let handler) = self.handler { try handler(context) }
            return
        }
        try self.steps[index].sync?(context) { try self.run(context, from: index + 1) }
    }

    /// Runs any chain.
    func runSuspending(_ context: Context) async throws {
        try await self.runSuspending(context, from: 0)
    }

    private func runSuspending(_ context: Context, from index: Int) async throws {
        // Handlers are `@concurrent`, so that closures with a capture list can be handlers, too; the task that runs them
        // prefers one loop, and there they and this run.
        nonisolated(unsafe) let context = context
        guard index < self.steps.count else {
            switch self.handler {
            case .sync(let handler): try handler(context)
            case .async(let handler): try await handler(context)
            }
            return
        }
        let step = self.steps[index]
        if let async = step.async {
            let next: @Sendable () async throws -> Void = { try await self.runSuspending(context, from: index + 1) }
            try await async(context, next)
        } else if let sync = step.sync {
            var wentOn = false
            try sync(context) { wentOn = true }
            if wentOn { try await self.runSuspending(context, from: index + 1) }
        }
    }
}
