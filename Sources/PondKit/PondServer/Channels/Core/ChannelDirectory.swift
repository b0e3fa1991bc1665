import PondRuntime

/// The channels that have members, for callers on any thread.
final class ChannelDirectory: Sendable {
    private let live = Lock<Set<ChannelKey>>([])

    var count: Int { self.live.withLock { $0.count } }

    func names(of endpoint: Int) -> [String] {
        self.live.withLock { live in live.filter { $0.endpoint == endpoint }.map(\.name) }
    }

    func contains(_ key: ChannelKey) -> Bool { self.live.withLock { $0.contains(key) } }

    /// Enters a channel; false when there are too many.
    func add(_ key: ChannelKey, limit: Int) -> Bool {
        self.live.withLock { live in
            guard live.count < limit else { return false }
            live.insert(key)
            return true
        }
    }

    func remove(_ key: ChannelKey) { self.live.withLock { _ = $0.remove(key) } }
}
