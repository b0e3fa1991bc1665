import PondCore
import PondRuntime

/// What every part of a server shares.
final class ServerCore: Sendable {
    let options: PondOptions
    /// Whether metrics are collected; if not, no clock is read for them.
    let measures: Bool
    /// Whether anyone wants to know of every message that a handler gets.
    let watchesMessages: Bool
    let directory = ChannelDirectory()
    let group = ShardGroup()
    let proxies: TrustedProxies
    let sessions: Lock<SessionTable<SessionToken, any ServerConnection>>
    /// The latest broadcasts of every channel with a history, whatever store it is kept in.
    let history: MemoryHistoryStore
    let cluster: ClusterNode?
    private let counts = Lock(ServerCounts())
    private let middleware = Lock<[Middleware<ConnectionContext>]>([])
    private let phase = Lock(Phase.idle)
    private let loopsAreOwn = Lock(false)
    private let stopping = Lock<[@Sendable () async -> Void]>([])

    /// Where a server is in its life.
    enum Phase: Sendable {
        /// No loops yet; can become running.
        case idle
        /// Takes connections; can become draining or stopped.
        case running
        /// Takes no new connections; can become stopped.
        case draining(retryAfter: Int)
        /// Over.
        case stopped
    }

    init(options: PondOptions) {
        self.options = options
        self.measures = !(options.metrics is NoopMetrics)
        self.watchesMessages =
            self.measures || options.hooks.beforeMessage != nil || options.hooks.afterMessage != nil
        self.proxies = TrustedProxies(options.trustedProxies)
        self.sessions = Lock(SessionTable(maximumAway: options.limits.sessions))
        self.history = MemoryHistoryStore(
            bounds: HistoryBounds(options.limits),
            maximumChannels: options.limits.channels
        )
        self.cluster = options.cluster.map { ClusterNode($0, grace: options.limits.sessionGrace, log: options.log) }
    }

    /// Whether a session outlives its socket at all.
    var keepsSessions: Bool { self.options.limits.sessionGrace > .zero }

    var currentPhase: Phase { self.phase.withLock { $0 } }

    func enter(_ phase: Phase) { self.phase.withLock { $0 = phase } }

    /// Notes that the loops' threads are the server's own, to be ended with it.
    func ownLoops() { self.loopsAreOwn.withLock { $0 = true } }

    var ownsLoops: Bool { self.loopsAreOwn.withLock { $0 } }

    /// Becomes running; false when it was before.
    func begin() -> Bool {
        self.phase.withLock { phase in
            guard case .idle = phase else { return false }
            phase = .running
            return true
        }
    }

    var connectionMiddleware: [Middleware<ConnectionContext>] { self.middleware.withLock { $0 } }

    func use(_ step: Middleware<ConnectionContext>) { self.middleware.withLock { $0.append(step) } }

    // Connections

    var connectionCount: Int { self.counts.withLock { $0.connections } }

    func countConnection(from address: String) -> Bool {
        self.counts.withLock { $0.add(address, limits: self.options.limits) }
    }

    func uncountConnection(from address: String) {
        let waiting = self.counts.withLock { counts in
            counts.remove(address)
            return counts.takeWaiting()
        }
        for wake in waiting { wake() }
    }

    /// Calls `wake` when no connection is left, at once where there is none.
    func whenEmpty(_ wake: @escaping @Sendable () -> Void) {
        let waiting = self.counts.withLock { counts in
            counts.waiting.append(wake)
            return counts.takeWaiting()
        }
        for wake in waiting { wake() }
    }

    // The end

    func onStop(_ body: @escaping @Sendable () async -> Void) { self.stopping.withLock { $0.append(body) } }

    func takeOnStop() -> [@Sendable () async -> Void] {
        self.stopping.withLock { stopping in
            let taken = stopping
            stopping = []
            return taken
        }
    }
}
