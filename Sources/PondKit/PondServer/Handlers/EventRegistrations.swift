import PondCore

/// The handlers of a lobby's events as they are registered: for a name or for a pattern, each once.
struct EventRegistrations<Context>: Sendable {
    private(set) var chains: [HandlerChain<Context>] = []
    private var names: Set<String> = []
    /// The places in `chains` of the handlers for one name.
    private(set) var exact: [String: Int] = [:]
    private(set) var patterns: [(index: Int, pattern: RoutePattern)] = []

    mutating func add(_ event: String, _ chain: HandlerChain<Context>) throws(PondError) {
        guard !self.names.contains(event) else {
            throw PondError.conflict("a handler for the event \(event) exists already")
        }
        if event.utf8.contains(where: { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "*") }) {
            let pattern = try RoutePattern(event)
            if let earlier = self.patterns.first(where: { $0.pattern.hasShape(of: pattern) }) {
                throw PondError.conflict(
                    "the handler for the event \(earlier.pattern.text) takes every event that \(event) would take;"
                        + " register one of them"
                )
            }
            self.patterns.append((self.chains.count, pattern))
        } else {
            self.exact[event] = self.chains.count
        }
        self.names.insert(event)
        self.chains.append(chain)
    }
}
