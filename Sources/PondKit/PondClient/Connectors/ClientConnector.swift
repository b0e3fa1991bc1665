public import PondCore
public import PondNet
public import PondRuntime

/// What opens a transport to a server: WebSocket, SSE, or one of your own.
public protocol ClientConnector: Sendable {
    /// Opens a transport on the loop and hands it over there, once; its first message may come right after that.
    ///
    /// Called on the loop. An attempt that nobody waits for any more still completes; the client drops its transport.
    func connect(
        to target: ClientTarget,
        on loop: EventLoop,
        completion: @escaping (Result<any Transport, PondError>) -> Void
    )
}
