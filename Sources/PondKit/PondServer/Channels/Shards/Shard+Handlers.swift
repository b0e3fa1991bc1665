import PondCore

/// Running users' handlers.
extension Shard {
    /// Runs a chain, at once where it cannot suspend, else in a task; `end` is called once, on this loop.
    func run<Context>(
        _ chain: HandlerChain<Context>,
        _ context: Context,
        _ kind: HandlerKind,
        at endpoint: String,
        _ end: @escaping ((any Error)?) -> Void
    ) {
        let begin = self.core.measures ? ContinuousClock.now : nil
        guard chain.suspends else {
            do {
                try chain.run(context)
                self.measure(kind, at: endpoint, since: begin, nil)
                end(nil)
            } catch {
                self.measure(kind, at: endpoint, since: begin, error)
                end(error)
            }
            return
        }
        self.runners.run {
            do {
                try await chain.runSuspending(context)
                self.measure(kind, at: endpoint, since: begin, nil)
                end(nil)
            } catch {
                self.measure(kind, at: endpoint, since: begin, error)
                end(error)
            }
        }
    }

    private func measure(
        _ kind: HandlerKind,
        at endpoint: String,
        since: ContinuousClock.Instant?,
        _ error: (any Error)?
    ) {
        guard let since else { return }
        let metrics = self.core.options.metrics
        metrics.handlerDuration(endpoint: endpoint, handler: kind, duration: ContinuousClock.now - since)
        if let error { metrics.error(endpoint: endpoint, handler: kind, error: error) }
    }
}
