import PondCore
import PondRuntime

/// Running users' handlers.
extension Shard {
    /// Runs a chain, at once where it cannot suspend, else in a task; `end` is called once, on this loop.
    func run<Context>(
        _ chain: HandlerChain<Context>,
        _ context: Context,
        _ kind: HandlerKind,
        at endpoint: String,
        in lobby: String? = nil,
        _ end: @escaping ((any Error)?) -> Void
    ) {
        let begin = self.core.measures ? ContinuousClock.now : nil
        guard chain.suspends else {
            var failure: (any Error)?
            do { try chain.run(context) } catch { failure = error }
            self.handlerEnded(kind, at: endpoint, Self.name(of: kind, context, in: lobby ?? endpoint))
            self.measure(kind, at: endpoint, since: begin, failure)
            return end(failure)
        }
        self.runners.run(HandlerLabel(kind: kind, endpoint: endpoint, place: lobby ?? endpoint)) {
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

    private static func name<Context>(of kind: HandlerKind, _ context: Context, in place: String) -> String {
        if let message = context as? EventContext { return "the handler of \(message.eventName) in \(place)" }
        return "the \(kind.rawValue) handler of \(place)"
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

/// Handlers that block their loop.
extension Shard {
    /// A handler that cannot suspend has ended: reports it if it blocked the loop for too long.
    func handlerEnded(_ kind: HandlerKind, at endpoint: String, _ place: @autoclosure () -> String) {
        guard let taken = self.watch.ended(at: self.loop.exactNow, turnStart: self.loop.now) else { return }
        self.reportBlocked(kind, at: endpoint, place(), taken)
    }

    /// Watches the handlers that may suspend: each piece of work between two suspensions.
    func watchSuspendingHandlers() {
        self.loop.watchJobs(longerThan: self.core.options.limits.handlerBlockTime) { [weak self] taken in
            guard let self else { return }
            for label in self.runners.runningLabels {
                let place = "a \(label.kind.rawValue) handler of \(label.place) that may suspend"
                self.reportBlocked(label.kind, at: label.endpoint, place, taken)
            }
        }
    }

    private func reportBlocked(_ kind: HandlerKind, at endpoint: String, _ place: String, _ taken: Duration) {
        let milliseconds = taken.wholeNanoseconds / 1_000_000
        self.core.options.log.log(
            .warning,
            """
            \(place) blocked event loop "\(self.loop.name)" for \(milliseconds) ms, and with it every connection of that \
            loop; await the work in withTaskExecutorPreference(globalConcurrentExecutor)
            """
        )
        if self.core.measures {
            self.core.options.metrics.handlerBlocked(endpoint: endpoint, handler: kind, duration: taken)
        }
    }
}
