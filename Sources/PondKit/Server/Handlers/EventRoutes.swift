/// The handlers of a lobby's events, found by name or by pattern; the one registered first wins.
struct EventRoutes<Context>: Sendable {
    /// A handler and what its pattern took from the name.
    struct Found: Sendable {
        let chain: HandlerChain<Context>
        let params: [String: String]
        let wildcard: String?
        let query: [String: [String]]
    }

    private var chains: [HandlerChain<Context>] = []
    private var names: Set<String> = []
    private var exact: [String: Int] = [:]
    private var patterns: [(index: Int, pattern: RoutePattern)] = []

    var isEmpty: Bool { self.chains.isEmpty }

    mutating func add(_ event: String, _ chain: HandlerChain<Context>) throws(PondError) {
        guard self.names.insert(event).inserted else {
            throw PondError.conflict("a handler for the event \(event) exists already")
        }
        if event.utf8.contains(where: { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "*") }) {
            self.patterns.append((self.chains.count, try RoutePattern(event)))
        } else {
            self.exact[event] = self.chains.count
        }
        self.chains.append(chain)
    }

    func find(_ event: String) -> Found? {
        let index = self.exact[event] ?? Int.max
        for (position, pattern) in self.patterns where position < index {
            guard let match = pattern.match(event) else { continue }
            return Found(
                chain: self.chains[position],
                params: match.params,
                wildcard: match.wildcard,
                query: match.query
            )
        }
        guard index != Int.max else { return nil }
        return Found(chain: self.chains[index], params: [:], wildcard: nil, query: [:])
    }
}
