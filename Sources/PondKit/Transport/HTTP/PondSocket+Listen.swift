/// Serving over the network.
extension PondSocket {
    /// Serves WebSockets and event streams at an address, and gives the one it really got.
    ///
    /// Starts the server with one loop if it was not started. `routes` answers requests outside of the endpoints; it
    /// is called on the loops and must not wait.
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
        let name = host == "localhost" ? "127.0.0.1" : host
        guard let address = SocketAddress(ip: name, port: port) else {
            throw PondError.badRequest("\(host) is not an IP address")
        }
        return try await self.listen(on: address, tls: tls, deflate: deflate, routes: routes)
    }

    /// Serves WebSockets and event streams at an address, which may be a Unix socket, and gives the one it really got.
    @discardableResult
    public func listen(
        on address: SocketAddress,
        tls: TLSServer? = nil,
        deflate: DeflateOptions? = nil,
        routes: @escaping @Sendable (HTTPRequest) -> HTTPResponse? = { _ in nil }
    ) async throws(PondError) -> SocketAddress {
        self.start()
        let settings = HTTPServer.Settings(pond: self, deflate: deflate, routes: routes)
        let server = try await HTTPServer.start(settings, on: address, tls: tls)
        self.onStop { await server.close() }
        return server.address
    }
}
