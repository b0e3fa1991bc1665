public import PondCore
public import PondNet

/// Serving over the network.
extension PondSocket {
    /// Serves WebSockets and event streams at an address, and returns the address it listens on.
    ///
    /// The host is an IP address or a name; of several addresses of a name, the first one that can be had is taken.
    /// Starts the server with one loop if it was not started; throws if it has stopped. `routes` answers requests outside
    /// of the endpoints; it is called on the loops and must not wait. Nothing is compressed unless `deflate` says so: with its own defaults
    /// that is what has 512 bytes or more, encoded once for all members of a channel, for about 10 us a broadcast.
    ///
    /// ```swift
    /// let address = try await pond.listen(host: "127.0.0.1", port: 8080) { request in
    ///     request.path == "/health" ? .text("ok") : nil
    /// }
    /// ```
    @discardableResult
    public func listen(
        host: String = "127.0.0.1",
        port: Int,
        tls: TLSServer? = nil,
        deflate: DeflateOptions? = nil,
        routes: @escaping @Sendable (HTTPRequest) -> HTTPResponse? = { _ in nil }
    ) async throws(PondError) -> SocketAddress {
        var failure = PondError.badRequest("\(host) has no address")
        for address in try await self.addresses(of: host, port: port) {
            do throws(PondError) {
                return try await self.listen(on: address, tls: tls, deflate: deflate, routes: routes)
            } catch {
                failure = error
            }
        }
        throw failure
    }

    /// What a host to listen at stands for.
    func addresses(
        of host: String,
        port: Int,
        resolver: Resolver = .shared
    ) async throws(PondError) -> [SocketAddress] {
        guard (0...Int(UInt16.max)).contains(port) else { throw PondError.badRequest("\(port) is not a port") }
        // Most who say so mean the address that every client tries.
        let name = host == "localhost" ? "127.0.0.1" : host
        if let address = SocketAddress(ip: name, port: port) { return [address] }
        self.start()
        guard let loop = self.loops.first else { throw PondError.unavailable("The server has stopped") }
        let found = await withCheckedContinuation { continuation in
            resolver.resolve(name, port: port, on: loop) { continuation.resume(returning: $0) }
        }
        return try found.get()
    }

    /// Serves WebSockets and event streams at an address or a Unix socket, and returns the address it listens on.
    @discardableResult
    public func listen(
        on address: SocketAddress,
        tls: TLSServer? = nil,
        deflate: DeflateOptions? = nil,
        routes: @escaping @Sendable (HTTPRequest) -> HTTPResponse? = { _ in nil }
    ) async throws(PondError) -> SocketAddress {
        if case .stopped = self.core.currentPhase {
            throw PondError.unavailable("cannot listen at \(address): the server has stopped; make a new PondSocket")
        }
        self.start()
        let settings = HTTPServer.Settings(pond: self, deflate: deflate, routes: routes)
        let server = try await HTTPServer.start(settings, on: address, tls: tls)
        self.onStop { await server.close() }
        return server.address
    }
}
