public import PondCore
public import PondNet
public import PondRuntime

/// Tries several connectors within one attempt, the one that worked last first: WebSocket, then event streams.
///
/// A server that declines is not asked again another way; a network that lets no WebSocket through is.
public final class FallbackConnector: ClientConnector {
    private let connectors: [any ClientConnector]
    private let preferred = Lock(0)

    /// A connector that tries these in order.
    public init(_ connectors: [any ClientConnector]) { self.connectors = connectors }

    public func connect(
        to target: ClientTarget,
        on loop: EventLoop,
        completion: @escaping (Result<any Transport, PondError>) -> Void
    ) {
        let first = self.preferred.withLock { $0 }
        let order = [first] + self.connectors.indices.filter { $0 != first }
        self.connect(to: target, on: loop, order: order[...], since: loop.now, completion: completion)
    }

    private func connect(
        to target: ClientTarget,
        on loop: EventLoop,
        order: ArraySlice<Int>,
        since start: MonotonicTime,
        completion: @escaping (Result<any Transport, PondError>) -> Void
    ) {
        guard let index = order.first, self.connectors.indices.contains(index) else {
            return completion(.failure(.unavailable("There is no connector")))
        }
        var target = target
        // Each way gets its share of the time, or a silent one would leave nothing for the next.
        target.deadline = (target.deadline - (loop.now - start)) / order.count
        self.connectors[index].connect(to: target, on: loop) { result in
            switch result {
            case .success:
                self.preferred.withLock { $0 = index }
                completion(result)
            case .failure(let error):
                guard order.count > 1, Self.mayBeTheWay(error) else { return completion(result) }
                self.connect(to: target, on: loop, order: order.dropFirst(), since: start, completion: completion)
            }
        }
    }

    /// Whether the fault may lie with what stands between, such as a proxy that knows no WebSocket.
    private static func mayBeTheWay(_ error: PondError) -> Bool {
        switch error.code {
        case 400, 404, 405, 406, 426, 501, 502, 504: true
        default: error.kind == .transport || error.kind == .timeout
        }
    }
}
