public import PondCore

/// A step that reports to a collector how long the following steps and the handler take, and what they throw.
///
/// The framework measures whole handlers by itself where `PondOptions.metrics` is set; this is for one handler, or for a
/// collector of its own.
public func withMetrics(_ metrics: any MetricsCollector) -> Middleware<EventContext> {
    @Sendable func tell(_ context: EventContext, _ begin: ContinuousClock.Instant, _ error: (any Error)?) {
        let endpoint = context.connection.endpoint
        metrics.handlerDuration(endpoint: endpoint, handler: .message, duration: ContinuousClock.now - begin)
        if let error { metrics.error(endpoint: endpoint, handler: .message, error: error) }
    }
    return Middleware(
        sync: { context, next in
            let begin = ContinuousClock.now
            do {
                try next()
                tell(context, begin, nil)
            } catch {
                tell(context, begin, error)
                throw error
            }
        },
        async: { context, next in
            let begin = ContinuousClock.now
            do {
                try await next()
                tell(context, begin, nil)
            } catch {
                tell(context, begin, error)
                throw error
            }
        }
    )
}
