package import PondKit

/// What clients of a simulation connect through: slow, sometimes unreachable, and never in a hurry to say so.
///
/// `@unchecked Sendable`: everything happens on the thread of the test, which runs the loop.
package final class SimulatedNetwork: ClientConnector, @unchecked Sendable {
    private let loop: EventLoop
    private var random: SeededRandom
    private var inner: InProcessConnector
    /// The links in the order in which they were made.
    private var links: [SimulatedTransport] = []
    package var isReachable = true
    /// The longest that a message takes.
    package var slowest: Duration = .milliseconds(200)

    package init(to pond: PondSocket, on loop: EventLoop, seed: UInt64) {
        self.loop = loop
        self.random = SeededRandom(seed: seed)
        self.inner = InProcessConnector(pond)
    }

    /// The server is another one from now on.
    package func lead(to pond: PondSocket) { self.inner = InProcessConnector(pond) }

    private func delay() -> Duration {
        .nanoseconds(Int64.random(in: 0...max(1, self.slowest.wholeNanoseconds), using: &self.random))
    }

    /// The links that carry something, in no order that depends on anything but the seed.
    package var living: [SimulatedTransport] {
        self.links.removeAll(where: \.isOver)
        return self.links
    }

    /// The sessions that clients came back with last, by their queries.
    package private(set) var sessions: [String: String] = [:]

    package func connect(
        to target: ClientTarget,
        on loop: EventLoop,
        completion: @escaping (Result<any Transport, PondError>) -> Void
    ) {
        self.sessions[target.query] = target.headers["Pond-Session"].flatMap { $0 == "new" ? nil : $0 }
        loop.schedule(after: self.delay()) {
            guard self.isReachable else { return completion(.failure(.unavailable("no network"))) }
            let inner = self.inner
            inner.connect(to: target, on: loop) { result in
                guard inner === self.inner, self.isReachable else {
                    // The server died, or the way to it broke, while it was answering.
                    if case .success(let transport) = result { transport.abort() }
                    return completion(.failure(.unavailable("no network")))
                }
                completion(
                    result.map { transport in
                        guard let memory = transport as? MemoryTransport else { return transport }
                        let link = SimulatedTransport(memory, on: loop) { [unowned self] in self.delay() }
                        self.links.append(link)
                        return link
                    }
                )
            }
        }
    }
}
