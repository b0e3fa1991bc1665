public import PondCore
import PondRuntime

/// One channel of a client, from its creation until it is left or declined.
///
/// CLOSED and DECLINED are final; `createChannel` makes a new one of the same name.
/// A channel that is not over keeps its client connected: a program may hold the channel alone.
public final class ClientChannel: Sendable {
    /// The channel's name.
    public let name: String
    let shared: ChannelShared
    let options: PondClientOptions
    let clientShared: ClientShared
    /// Listeners of the client for errors that no call throws.
    var errors: Listeners<PondError> { self.clientShared.errors }
    let loop: EventLoop
    private let slot: LoopConfined<Slot>
    /// Keeps the client alive until the channel is over.
    private let lifetime: Lock<ClientLifetime?>

    /// Where the driver is once the loop has made it, before anything else is asked of it.
    private final class Slot {
        var driver: ChannelDriver?
    }

    init(
        name: String,
        params: Payload,
        options: PondClientOptions,
        loop: EventLoop,
        client: LoopConfined<ClientDriver>,
        lifetime: ClientLifetime,
        clientShared: ClientShared
    ) {
        let shared = ChannelShared(status: ChannelStatus(state: .idle, reason: .created, since: .zero))
        let slot = LoopConfined(Slot(), to: loop)
        self.name = name
        self.options = options
        self.clientShared = clientShared
        self.lifetime = Lock(lifetime)
        self.shared = shared
        self.loop = loop
        self.slot = slot
        _ = shared.stateChanges.add({ _ in }, finished: { [weak self] in self?.release() })
        loop.execute {
            let driver = ChannelDriver(name: name, params: params, client: client.value, shared: shared)
            slot.value.driver = driver
            client.value.add(driver)
        }
    }

    /// Has work done by the driver; false where the client's loop has stopped.
    @discardableResult
    func perform(_ work: @escaping @Sendable (ChannelDriver) -> Void) -> Bool {
        self.loop.submit { [slot] in
            if let driver = slot.value.driver { work(driver) }
        }
    }

    private func release() {
        // What is released must not be released inside of the lock.
        let released = self.lifetime.withLock { lifetime in
            defer { lifetime = nil }
            return lifetime
        }
        withExtendedLifetime(released) {}
    }

    /// What sequences keep: the channel, and with it the client.
    var kept: any AnyObject & Sendable { self }

    var isOver: Bool { self.shared.isOver }

    // MARK: Membership

    /// Everything there is to show about the channel.
    public var status: ChannelStatus { self.shared.status }

    /// Where the channel stands.
    public var state: ChannelState { self.shared.status.state }

    /// Joins now, or as soon as there is a connection; and again after every lost one.
    public func join() {
        self.shared.joining()
        self.perform { $0.join() }
    }

    /// Leaves the channel, which ends it. Messages that the server has not confirmed fail.
    public func leave() {
        self.shared.leaving()
        self.perform { $0.leave() }
    }

    /// Waits until the channel is joined, for at most `timeout`.
    ///
    /// Joins, and connects the client, where the program has not done so. Throws 408 after `timeout`, while the channel
    /// goes on trying; throws the refusal of a declined join, and the client's last error where the client gives up.
    public func joined(timeout: Duration? = nil) async throws(PondError) {
        let error: PondError? = await self.waiting(
            failing: { $0 },
            for: { driver, id, end in driver.waitForJoin(id: id, timeout: timeout, ended: end) },
            cancelled: { driver, _, end in end(.over("Cancelled", channel: driver.name)) }
        )
        if let error { throw error }
    }

    /// The status now, and every change of the state or its reason.
    public var stateChanges: ClientSequence<ChannelStatus> {
        ClientSequence(
            self.shared.stateChanges,
            beginningWith: { self.shared.status },
            capacity: self.options.sequenceCapacity,
            keeping: self.kept
        )
    }

    /// Calls back for every change of the state or its reason.
    @discardableResult
    public func onChannelStateChange(_ listener: @escaping @Sendable (ChannelStatus) -> Void) -> ClientSubscription {
        self.shared.stateChanges.add(listener)
    }

    /// Whether missed broadcasts were recovered, at each rejoin, for one consumer; ends with the channel.
    public var recoveries: ClientSequence<RecoveryEvent> {
        ClientSequence(self.shared.recoveries, capacity: self.options.sequenceCapacity, keeping: self.kept)
    }

    /// Calls back when the channel is joined again, with what became of the broadcasts that were missed.
    @discardableResult
    public func onRecovery(_ listener: @escaping @Sendable (RecoveryEvent) -> Void) -> ClientSubscription {
        self.shared.recoveries.add(listener)
    }
}
