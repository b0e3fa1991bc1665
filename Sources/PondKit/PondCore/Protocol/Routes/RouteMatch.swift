/// What a route pattern found in a path.
public struct RouteMatch: Sendable, Hashable {
    /// What the `:name` segments captured, decoded.
    public var params: [String: String]
    /// What a `*` captured: the rest of the path without its leading slash.
    public var wildcard: String?
    /// The query's values by name, decoded, in their order.
    public var query: [String: [String]]

    public init(params: [String: String] = [:], wildcard: String? = nil, query: [String: [String]] = [:]) {
        self.params = params
        self.wildcard = wildcard
        self.query = query
    }
}
