/// One channel of a client, from its creation until it is left or declined.
///
/// A channel that is CLOSED or DECLINED stays so; `createChannel` makes a new one of the same name.
public final class ClientChannel: Sendable {
    /// The channel's name.
    public let name: String
    let shared: ChannelShared
    let options: PondClientOptions
    /// Who hears what goes wrong and is told nowhere else: the client's listeners.
    let errors: Listeners<PondError>
    private let loop: EventLoop
    private let slot: LoopConfined<Slot>

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
        errors: Listeners<PondError>
    ) {
        let shared = ChannelShared(status: ChannelStatus(state: .idle, reason: .created, since: .zero))
        let slot = LoopConfined(Slot(), to: loop)
        self.name = name
        self.options = options
        self.errors = errors
        self.shared = shared
        self.loop = loop
        self.slot = slot
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

    var isOver: Bool { self.shared.isOver }

    // MARK: Membership

    /// Everything there is to show about the channel.
    public var status: ChannelStatus { self.shared.status }

    /// Where the channel stands.
    public var state: ChannelState { self.shared.status.state }

    /// Joins now, or as soon as there is a connection; and again after every lost one.
    public func join() { self.perform { $0.join() } }

    /// Leaves for good. Messages that the server has not confirmed fail.
    public func leave() {
        self.shared.leaving()
        self.perform { $0.leave() }
    }

    /// Waits until the channel is joined. Throws why it never will be.
    public func joined() async throws(PondError) {
        for await status in self.stateChanges {
            switch status.reason {
            case .acknowledged where status.state == .joined: return
            case .declined(let error): throw error
            default: if status.state == .closed { throw .over("The channel was closed", channel: self.name) }
            }
        }
        throw .over("The channel was never joined", channel: self.name)
    }

    /// The status now, and every change of the state or its reason.
    public var stateChanges: ClientSequence<ChannelStatus> {
        ClientSequence(
            self.shared.stateChanges,
            beginningWith: { self.shared.status },
            capacity: self.options.sequenceCapacity
        )
    }

    /// Calls back for every change of the state or its reason.
    @discardableResult
    public func onChannelStateChange(_ listener: @escaping @Sendable (ChannelStatus) -> Void) -> ClientSubscription {
        self.shared.stateChanges.add(listener)
    }

    /// Calls back when the channel is joined again, with what became of the broadcasts that were missed.
    @discardableResult
    public func onRecovery(_ listener: @escaping @Sendable (RecoveryEvent) -> Void) -> ClientSubscription {
        self.shared.recoveries.add(listener)
    }
}
