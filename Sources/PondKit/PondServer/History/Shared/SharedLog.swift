package import PondCore
package import PondRuntime

/// What all nodes of a cluster are to know in one order, beside their channels: every entry reaches every node once.
///
/// A node that was away gets what it missed, as far as the store reaches back.
/// `@unchecked Sendable`: everything that changes is touched on `loop` only.
package final class SharedLog: @unchecked Sendable {
    /// An entry, and the position after it.
    package typealias Receive = @Sendable (_ entry: StoredBroadcast, _ position: StreamPosition) -> Void

    private let key: HistoryKey
    private let store: any SharedHistoryStore
    private let cluster: ClusterOptions
    private let loop: EventLoop
    private let receive: Receive
    private let restarted: @Sendable (StreamPosition) -> Void
    private let topic: String
    private var numbering: SharedNumbering?
    private var position: StreamPosition?
    private var waiting: [(SharedBroadcast, @Sendable (PondError?) -> Void)] = []
    private let retry: Duration = .seconds(1)

    /// A log of this name, which goes on after `known`; `receive` is called on the loop. `restarted` hears, before what
    /// follows, that entries before a position are not to be had, because the store does not reach back or is another.
    package init(
        _ key: HistoryKey,
        after known: StreamPosition?,
        in store: any SharedHistoryStore,
        _ cluster: ClusterOptions,
        on loop: EventLoop,
        receive: @escaping Receive,
        restarted: @escaping @Sendable (StreamPosition) -> Void = { _ in }
    ) {
        self.key = key
        self.store = store
        self.cluster = cluster
        self.loop = loop
        self.receive = receive
        self.restarted = restarted
        self.topic = cluster.topics.channel(key.channel, endpoint: key.endpoint)
        self.position = known
        loop.execute { self.open() }
    }

    private func open() {
        self.store.open(self.key, on: self.loop) { result in
            guard case .success(let found) = result else { return self.openLater() }
            self.store.begin(self.key, epoch: found.epoch, on: self.loop) { self.opened($0) }
        }
    }

    private func openLater() { self.loop.schedule(after: self.retry) { self.open() } }

    private func opened(_ result: Result<StreamPosition, PondError>) {
        guard case .success(let now) = result else { return self.openLater() }
        // Another numbering than the known one: what is in it is all new.
        let known = self.position?.epoch == now.epoch ? self.position : nil
        let begin = known ?? StreamPosition(epoch: now.epoch, offset: 0)
        if known == nil { self.restarted(begin) }
        self.begin(at: begin)
    }

    private func begin(at position: StreamPosition) {
        let numbering = SharedNumbering(self.key, at: position, in: self.store, on: self.loop)
        self.numbering = numbering
        self.position = position
        numbering.goesOut = { [weak self] entry, _ in
            guard let self, let epoch = self.position?.epoch else { return }
            let position = StreamPosition(epoch: epoch, offset: entry.offset)
            self.position = position
            self.receive(entry, position)
        }
        numbering.restarted = { [weak self] position in
            self?.position = position
            self?.restarted(position)
        }
        let loop = self.loop
        _ = try? self.cluster.pubSub.subscribe(to: self.topic) { [weak self] signal in
            loop.execute { self?.heard(signal) }
        }
        let waiting = self.waiting
        self.waiting = []
        for (entry, then) in waiting { self.append(entry, then) }
    }

    private func heard(_ signal: PubSubSignal) {
        switch signal {
        case .subscribed: self.numbering?.subscribed()
        case .interrupted: break
        case .message(_, let bytes):
            guard let message = try? DistributedMessage(parsing: bytes, limits: self.cluster.limits),
                case .userMessage(let entry) = message.body, let position = entry.position
            else { return }
            let stored = StoredBroadcast(
                offset: position.offset,
                event: entry.event,
                requestId: entry.requestId,
                recipients: .all,
                payload: entry.payload
            )
            self.numbering?.heard(stored, epoch: position.epoch)
        }
    }

    /// Adds an entry; `then` hears on the loop when it is stored, or that it never will be. One that may be there already
    /// is added once, if it has the same `id`. Callable from any thread.
    package func append(
        _ event: String,
        _ payload: Payload,
        id: String = PondID.uuid(),
        then: @escaping @Sendable (PondError?) -> Void = { _ in }
    ) {
        let entry = StoredBroadcast(offset: 0, event: event, requestId: id, recipients: .all, payload: payload)
        self.loop.execute { self.append(SharedBroadcast(id: id, broadcast: entry), then) }
    }

    private func append(_ entry: SharedBroadcast, _ then: @escaping @Sendable (PondError?) -> Void) {
        guard let numbering = self.numbering else { return self.waiting.append((entry, then)) }
        numbering.append(
            entry,
            announce: { SharedBroadcast.Announcement(of: entry.broadcast, in: self.key, epoch: $0, self.cluster) },
            then: then
        )
    }
}
