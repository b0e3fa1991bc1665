public import PondCore
import PondRuntime

/// A server of channels, independent of the transport.
///
/// ```swift
/// let pond = PondSocket()
/// let endpoint = try pond.createEndpoint("/socket") { context in context.accept() }
/// let lobby = try endpoint.createChannel("/chat/:room") { context in context.accept() }
/// try lobby.onMessage("message") { context in context.broadcast(context.eventName, context.payload) }
/// ```
///
/// A server that listens runs until `stop()`, held or not: Swift may release a variable after its last use, and a
/// program that only waits after `listen` must go on serving. Call `stop()` to end its threads and free its port.
public final class PondSocket: Sendable {
    let core: ServerCore
    let endpointTable = EndpointTable()
    private let companion = Lock<(any Sendable)?>(nil)

    /// A server that does nothing until it is started and has endpoints.
    public init(options: PondOptions = PondOptions()) {
        self.core = ServerCore(options: options)
    }

    deinit {
        // A running server still needs its endpoints: a request may be on its way.
        switch self.core.currentPhase {
        case .idle, .stopped: self.endpointTable.removeAll()
        case .running, .draining: break
        }
    }

    /// How the server behaves.
    public var options: PondOptions { self.core.options }

    // Endpoints

    /// Makes an endpoint at a path; `handler` decides over each connection.
    public func createEndpoint(
        _ path: String,
        _ middleware: Middleware<ConnectionContext>...,
        handler: @escaping @Sendable (ConnectionContext) throws -> Void
    ) throws(PondError) -> Endpoint {
        try self.add(path, HandlerChain(middleware, .sync(handler)))
    }

    /// Makes an endpoint at a path; `handler` decides over each connection and may suspend.
    public func createEndpoint(
        _ path: String,
        _ middleware: Middleware<ConnectionContext>...,
        handler: @concurrent @escaping @Sendable (ConnectionContext) async throws -> Void
    ) throws(PondError) -> Endpoint {
        try self.add(path, HandlerChain(middleware, .async(handler)))
    }

    private func add(_ path: String, _ chain: HandlerChain<ConnectionContext>) throws(PondError) -> Endpoint {
        try self.endpointTable.add { index throws(PondError) in
            try Endpoint(path, index: index, server: self.core, handler: chain)
        }
    }

    /// Adds a step before every connection handler; steps run in the order they were added.
    public func use(_ step: Middleware<ConnectionContext>) { self.core.use(step) }

    /// Adds a step before every connection handler; steps run in the order they were added.
    public func use(
        _ step: @escaping @Sendable (ConnectionContext, _ next: () throws -> Void) throws -> Void
    ) {
        self.core.use(Middleware(step))
    }

    /// Adds a step that may suspend before every connection handler.
    public func use(
        _ step:
            @concurrent @escaping @Sendable (ConnectionContext, _ next: () async throws -> Void) async throws -> Void
    ) {
        self.core.use(Middleware(step))
    }

    /// The endpoints in the order they were made.
    public var endpoints: [Endpoint] { self.endpointTable.all }

    /// The endpoint that was registered with a path pattern.
    public func endpoint(_ path: String) -> Endpoint? { self.endpoints.first { $0.path == path } }

    /// A handle on a channel behind the endpoint of a path pattern; `nil` when no lobby takes the name.
    public func channel(_ endpoint: String, _ name: String) -> ChannelHandle? {
        self.endpoint(endpoint)?.channel(name)
    }

    // Counts

    /// The connections that are open or about to be.
    public var connectionCount: Int { self.core.connectionCount }

    /// The channels that have members.
    public var channelCount: Int { self.core.directory.count }

    /// What the server's cluster did so far; `nil` where the server is alone.
    public var clusterStatistics: ClusterStatistics? { self.core.cluster?.statistics }

    /// Something that belongs to this server and lives as long, such as its test driver.
    package func companion<Value: Sendable>(_ make: () -> Value) -> Value {
        self.companion.withLock { companion in
            if let value = companion as? Value { return value }
            let value = make()
            companion = value
            return value
        }
    }
}
