public import PondCore
public import PondNet
public import PondRuntime

/// Opens WebSocket connections, with TLS for `wss` and `https`.
public struct WebSocketConnector: ClientConnector {
    private let deflate: DeflateOptions?

    /// A connector that offers compression when told to.
    public init(compressed: Bool = false) { self.deflate = compressed ? DeflateOptions() : nil }

    public func connect(
        to target: ClientTarget,
        on loop: EventLoop,
        completion: @escaping (Result<any Transport, PondError>) -> Void
    ) {
        let deflate = self.deflate
        let start = loop.now
        Connector.connect(
            to: target.host,
            port: target.port,
            tls: target.isSecure ? target.tls : nil,
            on: loop,
            deadline: target.deadline
        ) { result in
            switch result {
            case .failure(let error): completion(.failure(error))
            case .success(let channel):
                WebSocketOpening.begin(
                    on: channel,
                    target: target.requestTarget,
                    authority: target.authority,
                    headers: target.headers,
                    limits: target.limits,
                    deflate: deflate,
                    deadline: max(.milliseconds(1), target.deadline - (loop.now - start)),
                    completion: completion
                )
            }
        }
    }
}
