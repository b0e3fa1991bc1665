import PondChat
import PondKit

/// What the chat tells the log and the operator about itself: lines of which there could be a flood, one at a time.
final class ChatWatch: Sendable {
    private struct State {
        var refused = LogSampler()
        var wrongPasswords = LogSampler()
        var forwarded = LogSampler(limit: 1)
        var descriptors = DescriptorProbe()
        var memory = MemoryTrimmer()
        var clockJumpedFrom: ChatTime?
    }

    private let state = Lock(State())
    private let log: ServerLog
    private let clock: ChatClock

    init(log: ServerLog, clock: ChatClock) {
        self.log = log
        self.clock = clock
    }

    /// The last plausible time, while the clock shows one that is not.
    var clockJumpedFrom: ChatTime? { self.state.withLock { $0.clockJumpedFrom } }

    /// A connection was refused.
    func refused(_ address: String, _ error: PondError) {
        let now = self.clock.steady()
        guard self.state.withLock({ $0.refused.admit(now: now) }) else { return }
        self.log.info(
            "connection refused",
            ("address", .string(address)),
            ("status", .int(Int64(error.code))),
            ("reason", .string(error.message))
        )
    }

    /// A user gave a wrong password.
    func wrongPassword(of session: ChatSession) {
        let now = self.clock.steady()
        guard self.state.withLock({ $0.wrongPasswords.admit(now: now) }) else { return }
        self.log.warning(
            "wrong password",
            ("user", .string(session.name.text)),
            ("address", .string(session.address))
        )
    }

    /// A proxy reports its clients' addresses, and nobody believes it: all its clients share the limits of one address.
    func forwarded(from address: String) {
        let now = self.clock.steady()
        guard self.state.withLock({ $0.forwarded.admit(now: now) }) else { return }
        self.log.warning(
            "a request carries X-Forwarded-For, and trusted-proxies is empty: behind a proxy, set it to the proxy's "
                + "address, or all clients share the limits of one address",
            ("address", .string(address))
        )
    }

    /// Looks at the machine and logs how many lines were left out; called once a second.
    func look() {
        let now = self.clock.steady()
        let (refused, wrong, warning) = self.state.withLock { state in
            (
                state.refused.takeSkipped(now: now), state.wrongPasswords.takeSkipped(now: now),
                state.descriptors.warning(now: now)
            )
        }
        if let refused { self.log.info("more connections refused", ("count", .int(Int64(refused)))) }
        if let wrong { self.log.warning("more wrong passwords", ("count", .int(Int64(wrong)))) }
        if let warning { self.log.warning(warning) }
    }

    /// Gives memory back to the kernel that a burst left unused.
    func trimMemory() {
        let now = self.clock.steady()
        let (resident, used) = (MemoryTrimmer.Heap.resident, MemoryTrimmer.Heap.used)
        guard self.state.withLock({ $0.memory.isDue(resident: resident, used: used, now: now) }) else { return }
        let given = MemoryTrimmer.Heap.trim()
        self.state.withLock { $0.memory.gave(given) }
        self.log.debug("memory given back", ("bytes", .int(Int64(clamping: given))))
    }

    /// Logs once that the clock is implausible, and once that it is plausible again.
    func note(clockJumpedFrom latest: ChatTime?, to now: ChatTime) {
        let before = self.state.withLock { state in
            defer { state.clockJumpedFrom = latest }
            return state.clockJumpedFrom
        }
        if let latest, before == nil {
            self.log.error(
                "the clock jumped, so nothing is deleted: set it, or confirm it by `pond-server admin trust-clock`",
                ("last", .string(LogLine.timestamp(latest))),
                ("now", .string(LogLine.timestamp(now)))
            )
        } else if latest == nil, before != nil {
            self.log.info("the clock is plausible again, old messages are deleted")
        }
    }
}
