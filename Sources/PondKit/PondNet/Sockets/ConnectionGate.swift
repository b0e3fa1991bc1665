import PondRuntime

/// Counts the connections of a server, over all its loops, and refuses those beyond a bound.
package final class ConnectionGate: Sendable {
    private struct Counts {
        var total = 0
        var refused = 0
        var perHost: [SocketAddress: Int] = [:]
    }

    private let total: Int
    private let perAddress: Int
    private let counts = Lock(Counts())

    package init(total: Int, perAddress: Int) {
        self.total = total
        self.perAddress = perAddress
    }

    /// The connections there are now.
    package var count: Int { self.counts.withLock { $0.total } }

    /// How many were refused so far.
    package var refused: Int { self.counts.withLock { $0.refused } }

    /// Counts a connection; false when it is one too many.
    package func admit(_ address: SocketAddress) -> Bool {
        let host = address.network
        return self.counts.withLock { counts in
            guard counts.total < self.total, counts.perHost[host, default: 0] < self.perAddress else {
                counts.refused += 1
                return false
            }
            counts.total += 1
            counts.perHost[host, default: 0] += 1
            return true
        }
    }

    /// Forgets an admitted connection.
    package func release(_ address: SocketAddress) {
        let host = address.network
        self.counts.withLock { counts in
            counts.total -= 1
            let left = counts.perHost[host, default: 1] - 1
            counts.perHost[host] = left > 0 ? left : nil
        }
    }
}
