import PondCore

/// Finds the handler of an event by its name or by a pattern; the one registered first wins.
final class EventRoutes<Context>: Sendable {
    /// A handler and what its pattern took from the name; `nil` where it is for that name alone.
    struct Found: Sendable {
        let chain: HandlerChain<Context>
        let captures: EventCaptures?
    }

    /// So few names are looked through faster than one is hashed.
    private static var lookedThrough: Int { 4 }

    private let chains: [HandlerChain<Context>]
    private let exact: [String: Int]
    /// The names in `exact`, where they are few.
    private let few: [(event: String, index: Int)]?
    private let patterns: [(index: Int, pattern: RoutePattern)]

    /// Routes to the handlers that were registered, each behind these steps.
    init(_ registered: EventRegistrations<Context>, behind steps: [Middleware<Context>]) {
        self.chains = registered.chains.map { $0.behind(steps) }
        self.exact = registered.exact
        self.few = registered.exact.count > Self.lookedThrough ? nil : registered.exact.map { ($0.key, $0.value) }
        self.patterns = registered.patterns
    }

    func find(_ event: String) -> Found? {
        guard !self.chains.isEmpty else { return nil }
        let index = self.exactIndex(of: event)
        for (position, pattern) in self.patterns where position < index {
            guard let match = pattern.match(event) else { continue }
            return Found(chain: self.chains[position], captures: EventCaptures(match))
        }
        guard index != Int.max else { return nil }
        return Found(chain: self.chains[index], captures: nil)
    }

    /// The place of the handler for this name alone; `Int.max` where there is none.
    private func exactIndex(of event: String) -> Int {
        guard let few = self.few else { return self.exact[event] ?? Int.max }
        for place in few where place.event == event { return place.index }
        return Int.max
    }
}
