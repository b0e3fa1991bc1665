package import PondCore
package import PondRuntime

/// Asks for addresses on threads of its own, a few at a time, because the system's resolver may block for many seconds.
package final class Resolver: Sendable {
    private struct State {
        var threads = 0
        var waiting = Queue<@Sendable () -> Void>()
    }

    private static let maximumThreads = 4
    private static let maximumWaiting = 1024

    /// The resolver that connectors use unless told otherwise.
    package static let shared = Resolver()

    private let source: any AddressSource
    private let state = Lock(State())

    package init(source: any AddressSource = SystemAddressSource()) { self.source = source }

    /// Finds the addresses of a host and calls `completion` on the loop; a literal takes no thread.
    package func resolve(
        _ host: String,
        port: Int,
        on loop: EventLoop,
        completion: @escaping @Sendable (Result<[SocketAddress], PondError>) -> Void
    ) {
        if let literal = SocketAddress(ip: host, port: port) {
            return loop.execute { completion(.success([literal])) }
        }
        let source = self.source
        let taken = self.submit {
            let result = Result { () throws(PondError) in try source.addresses(of: host, port: port) }
            loop.execute { completion(result) }
        }
        if !taken {
            loop.execute { completion(.failure(.unavailable("Too many names to look up at once"))) }
        }
    }

    private func submit(_ job: @escaping @Sendable () -> Void) -> Bool {
        enum Place {
            case newThread
            case queue
            case none
        }
        let place = self.state.withLock { state -> Place in
            if state.threads < Self.maximumThreads {
                state.threads += 1
                return .newThread
            }
            guard state.waiting.count < Self.maximumWaiting else { return .none }
            state.waiting.append(job)
            return .queue
        }
        guard place == .newThread else { return place == .queue }
        let started = System.startThread(named: "pond-resolver") { self.work(beginningWith: job) }
        if !started { self.state.withLock { $0.threads -= 1 } }
        return started
    }

    private func work(beginningWith first: @escaping @Sendable () -> Void) {
        var next: (@Sendable () -> Void)? = first
        while let job = next {
            job()
            next = self.state.withLock { state in
                let job = state.waiting.popFirst()
                if job == nil { state.threads -= 1 }
                return job
            }
        }
    }
}
