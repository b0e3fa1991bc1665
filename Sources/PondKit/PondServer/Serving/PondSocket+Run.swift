public import PondCore
public import PondNet
import PondRuntime

extension PondSocket {
    /// Serves at an address until the task is cancelled or the process is asked to end, then stops gracefully.
    ///
    /// ```swift
    /// try await pond.run(host: "0.0.0.0", port: 4000)
    /// ```
    ///
    /// Starts one loop per processor core if the server was not started. On SIGTERM, on SIGINT, or when the task is
    /// cancelled, it refuses new connections, asks clients to connect elsewhere, waits up to `drain` until connections
    /// and handlers have ended, cancels those that have not, and returns. A second signal ends the process at once. It
    /// also returns when the server is stopped by other means.
    ///
    /// `host` is an IP address or a name, `0.0.0.0` or `::` for every address of the machine. With port 0 the system
    /// chooses one, which `onListening` is told. `drain` is how long connections and handlers have to end by themselves.
    /// Pass `handlesSignals: false` where the program handles SIGTERM and SIGINT itself. `tls`, `deflate` and `routes`
    /// are those of `listen`.
    public func run(
        host: String = "127.0.0.1",
        port: Int,
        tls: TLSServer? = nil,
        deflate: DeflateOptions? = nil,
        drain: Duration = .seconds(5),
        handlesSignals: Bool = true,
        onListening: @Sendable (SocketAddress) -> Void = { _ in },
        routes: @escaping @Sendable (HTTPRequest) -> HTTPResponse? = { _ in nil }
    ) async throws(PondError) {
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        let watch = handlesSignals ? try EndSignals.watch { end.finish() } : nil
        defer { watch?.stop() }
        self.start(threads: System.coreCount)
        let address = try await self.listen(host: host, port: port, tls: tls, deflate: deflate, routes: routes)
        self.onStop { end.finish() }
        onListening(address)
        self.options.log.log(.info, "listening at \(address)")
        // Ends with the stream, and when the task is cancelled.
        for await _ in ends {}
        await self.stop(drain: drain)
    }
}
