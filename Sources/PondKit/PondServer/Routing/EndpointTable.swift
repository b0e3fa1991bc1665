import PondCore
import PondRuntime

/// The endpoints of a server, in the order of registration.
final class EndpointTable: Sendable {
    private let list = Lock<[Endpoint]>([])

    var all: [Endpoint] { self.list.withLock { $0 } }

    /// Adds an endpoint; throws if an earlier endpoint takes the same paths.
    func add(_ make: (_ index: Int) throws(PondError) -> Endpoint) throws(PondError) -> Endpoint {
        try self.list.withLock { list throws(PondError) in
            let endpoint = try make(list.count)
            if let earlier = list.first(where: { $0.route.hasShape(of: endpoint.route) }) {
                throw PondError.conflict(
                    "the endpoint \(earlier.path) takes every path that \(endpoint.path) would take;"
                        + " register one of them"
                )
            }
            list.append(endpoint)
            return endpoint
        }
    }

    /// The first endpoint that takes a path.
    func find(_ path: String) -> (Endpoint, RouteMatch)? {
        for endpoint in self.all {
            if let match = endpoint.route.match(path) { return (endpoint, match) }
        }
        return nil
    }

    /// Breaks the reference cycles between the endpoints and their lobbies.
    func removeAll() {
        for endpoint in self.all { endpoint.removeLobbies() }
        self.list.withLock { $0 = [] }
    }
}
