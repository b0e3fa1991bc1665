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
    private let topic: String
    private var numbering: SharedNumbering?
    private var position: StreamPosition?
    private var waiting: [(SharedBroadcast, @Sendable (PondError?) -> Void)] = []
    private let retry: Duration = .seconds(1)

    /// A log of this name, which goes on after `known`; `receive` is called on the loop.
    package init(
        _ key: HistoryKey,
        after known: StreamPosition?,
        in store: any SharedHistoryStore,
        _ cluster: ClusterOptions,
        on loop: EventLoop,
        receive: @escaping Receive
    ) {
        self.key = key
        self.store = store
        self.cluster = cluster
        self.loop = loop
        self.receive = receive
        self.topic = cluster.topics.channel(key.channel, endpoint: key.endpoint)
        self.position = known
        loop.execute { self.open() }
    }

    private func open() {
        self.store.open(self.key, on: self.loop) { result in
            guard case .success(let now) = result else {
                self.loop.schedule(after: self.retry) { self.open() }
                return
            }
            // Another numbering than the known one: what is in it is all new.
            let begin = self.position?.epoch == now.epoch ? self.position : nil
            self.begin(at: begin ?? StreamPosition(epoch: now.epoch, offset: 0))
        }
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
        numbering.restarted = { [weak self] position in self?.position = position }
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

    /// Adds an entry; `then` hears on the loop when it is stored, or that it never will be. Callable from any thread.
    package func append(_ event: String, _ payload: Payload, then: @escaping @Sendable (PondError?) -> Void = { _ in })
    {
        let id = PondID.uuid()
        let entry = StoredBroadcast(offset: 0, event: event, requestId: id, recipients: .all, payload: payload)
        self.loop.execute { self.append(SharedBroadcast(id: id, broadcast: entry), then) }
    }

    private func append(_ entry: SharedBroadcast, _ then: @escaping @Sendable (PondError?) -> Void) {
        guard let numbering = self.numbering else { return self.waiting.append((entry, then)) }
        numbering.append(entry, announce: { self.announcement(of: entry.broadcast, epoch: $0) }, then: then)
    }

    private func announcement(of entry: StoredBroadcast, epoch: String) -> SharedBroadcast.Announcement {
        let message = DistributedMessage(
            messageId: entry.requestId,
            sourceNodeId: self.cluster.nodeId,
            endpointName: ClusterTopics.endpointName(self.key.endpoint),
            channelName: self.key.channel,
            timestamp: WallClock.epochMilliseconds(),
            body: .userMessage(
                DistributedMessage.Broadcast(
                    fromUserId: SystemSender.channel.rawValue,
                    event: entry.event,
                    payload: entry.payload,
                    requestId: entry.requestId,
                    recipients: .allUsers
                )
            )
        )
        let (head, tail) = message.encoded(aroundOffsetOf: epoch)
        return SharedBroadcast.Announcement(topic: self.topic, head: head, tail: tail)
    }
}
