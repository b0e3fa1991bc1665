import PondRuntime

/// Which address of a host to try when (RFC 8305): families by turns, one more attempt after each pause or failure.
struct ConnectionRace {
    /// What to do next.
    enum Step: Equatable {
        /// Try this address; and call `pauseEnded` after the pause if there is one.
        case attempt(SocketAddress, pause: Duration?)
        /// Attempts run: wait for them.
        case wait
        /// Every address failed, the last one like this; nil when there was no address.
        case lost(SystemError?)
    }

    static let pause: Duration = .milliseconds(250)

    private var waiting: ArraySlice<SocketAddress>
    private var running = 0
    private var lastError: SystemError?

    init(addresses: [SocketAddress]) { self.waiting = Self.alternating(addresses)[...] }

    mutating func begin() -> Step { self.next() }

    mutating func pauseEnded() -> Step { self.next() }

    mutating func attemptFailed(_ error: SystemError) -> Step {
        self.running -= 1
        self.lastError = error
        return self.next()
    }

    private mutating func next() -> Step {
        if let address = self.waiting.popFirst() {
            self.running += 1
            return .attempt(address, pause: self.waiting.isEmpty ? nil : Self.pause)
        }
        return self.running > 0 ? .wait : .lost(self.lastError)
    }

    /// The resolver's order within a family; its first family first, then the families by turns.
    private static func alternating(_ addresses: [SocketAddress]) -> [SocketAddress] {
        guard let first = addresses.first else { return [] }
        let preferred = addresses.filter { $0.isIPv6 == first.isIPv6 }
        let others = addresses.filter { $0.isIPv6 != first.isIPv6 }
        return (0..<max(preferred.count, others.count)).flatMap { index in
            [preferred, others].compactMap { index < $0.count ? $0[index] : nil }
        }
    }
}
