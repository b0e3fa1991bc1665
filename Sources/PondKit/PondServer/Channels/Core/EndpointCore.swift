import PondCore
import PondRuntime

/// What the channels behind an endpoint need to know of it.
final class EndpointCore: Sendable {
    /// The path pattern, as registered.
    let path: String
    /// The endpoint's number within its server.
    let index: Int
    let server: ServerCore
    private let steps = Lock<[Middleware<JoinContext>]>([])

    init(path: String, index: Int, server: ServerCore) {
        self.path = path
        self.index = index
        self.server = server
    }

    /// The middleware of every join behind this endpoint.
    var joinMiddleware: [Middleware<JoinContext>] { self.steps.withLock { $0 } }

    func use(_ step: Middleware<JoinContext>) { self.steps.withLock { $0.append(step) } }
}
