internal import PondKit

/// Breaks the own connection on purpose, so that a user can watch how it comes back, against any server.
///
/// `@unchecked Sendable`: everything is touched on the session's loop only.
final class FaultyConnector: ClientConnector, @unchecked Sendable {
    private let inner: any ClientConnector
    private var fault: LinkFault?
    private var links: [WeakLink] = []
    /// Attempts that were started while the link was frozen: they begin when it is healed.
    private var waiting: [Attempt] = []

    private struct WeakLink {
        weak var transport: FaultyTransport?
    }

    private struct Attempt {
        let target: ClientTarget
        let loop: EventLoop
        let completion: (Result<any Transport, PondError>) -> Void
    }

    init(_ inner: any ClientConnector) { self.inner = inner }

    /// Cuts or freezes the connection and every later attempt; `nil` heals.
    func apply(_ fault: LinkFault?) {
        self.fault = fault
        self.links.removeAll { $0.transport == nil }
        let transports = self.links.compactMap(\.transport)
        switch fault {
        case .cut:
            for transport in transports { transport.cut() }
            self.links = []
            let waiting = self.waiting
            self.waiting = []
            for attempt in waiting { attempt.completion(.failure(Self.cutError)) }
        case .frozen: for transport in transports { transport.freeze() }
        case nil:
            for transport in transports { transport.thaw() }
            let waiting = self.waiting
            self.waiting = []
            for attempt in waiting {
                self.inner.connect(to: attempt.target, on: attempt.loop, completion: attempt.completion)
            }
        }
    }

    private static let cutError = PondError.unavailable("cut on purpose; /fault heal mends it")

    func connect(
        to target: ClientTarget,
        on loop: EventLoop,
        completion: @escaping (Result<any Transport, PondError>) -> Void
    ) {
        switch self.fault {
        case .cut:
            let answer = LoopConfined(completion, to: loop)
            loop.execute { answer.value(.failure(Self.cutError)) }
        case .frozen: self.waiting.append(Attempt(target: target, loop: loop, completion: completion))
        case nil: self.inner.connect(to: target, on: loop) { self.opened($0, completion) }
        }
    }

    private func opened(
        _ result: Result<any Transport, PondError>,
        _ completion: (Result<any Transport, PondError>) -> Void
    ) {
        guard case .success(let transport) = result else { return completion(result) }
        guard self.fault != .cut else {
            transport.abort()
            return completion(.failure(Self.cutError))
        }
        let link = FaultyTransport.around(transport)
        if self.fault == .frozen { link.freeze() }
        self.links.append(WeakLink(transport: link))
        completion(.success(link))
    }
}
