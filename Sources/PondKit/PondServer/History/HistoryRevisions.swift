import PondRuntime

/// How often a store changed what it had of each channel after it went out: what was kept in memory before that is not
/// what the store says now.
package final class HistoryRevisions: Sendable {
    private struct State {
        var total: UInt64 = 0
        /// The number of every channel that has none of its own.
        var base: UInt64 = 0
        var channels: [HistoryKey: UInt64] = [:]
    }

    private let state = Lock(State())
    private static let channelLimit = 10_000

    package init() {}

    /// What is stored of a channel changes: called before the change can be seen.
    package func revised(_ channel: HistoryKey) {
        self.state.withLock { state in
            state.total += 1
            state.channels[channel] = state.total
            guard state.channels.count > Self.channelLimit else { return }
            state.base = state.total
            state.channels = [:]
        }
    }

    /// Another number after every change of a channel.
    package func number(of channel: HistoryKey) -> UInt64 {
        self.state.withLock { $0.channels[channel] ?? $0.base }
    }
}
