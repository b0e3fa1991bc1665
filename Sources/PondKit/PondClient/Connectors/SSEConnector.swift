public import PondCore
public import PondNet
public import PondRuntime

/// Opens event streams, for places where no WebSocket gets through.
public struct SSEConnector: ClientConnector {
    public init() {}

    public func connect(
        to target: ClientTarget,
        on loop: EventLoop,
        completion: @escaping (Result<any Transport, PondError>) -> Void
    ) {
        let dial: SSEClientTransport.Dial = { dialled in
            Connector.connect(
                to: target.host,
                port: target.port,
                tls: target.isSecure ? target.tls : nil,
                on: loop,
                deadline: target.deadline,
                completion: dialled
            )
        }
        dial { result in
            switch result {
            case .failure(let error): completion(.failure(error))
            case .success(let channel): SSEOpening.open(channel, to: target, dial: dial, completion: completion)
            }
        }
    }
}
