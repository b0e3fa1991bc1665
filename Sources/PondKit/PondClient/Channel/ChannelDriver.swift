import PondCore
import PondRuntime

/// Carries out what a channel's machine decides. Confined to the loop of its client.
final class ChannelDriver: ConnectedChannel {
    typealias Answer = @Sendable (Result<Payload, PondError>) -> Void

    let name: String
    private let params: Payload
    private let shared: ChannelShared
    /// A cycle until the channel is over or the client is gone.
    private let client: ClientDriver
    private let loop: EventLoop
    private var machine: ChannelMachine
    private var cursor: Cursor
    private let storage: ChannelStorage
    private var outbox: Outbox
    private var pending = PendingRequests<Answer>()
    private var confirmations: [String: @Sendable (PondError?) -> Void] = [:]
    /// Callers that wait until the channel is joined.
    private let joinWaiters: Waiters
    private var presence: PresenceList
    private var presenceAsOf: MonotonicTime?
    private var timer: TimerID?
    /// The join that the server has not answered.
    private var openJoin: String?
    private let display: OutboxDisplay

    init(name: String, params: Payload, client: ClientDriver, shared: ChannelShared) {
        self.name = name
        self.params = params
        self.client = client
        self.loop = client.loop
        self.shared = shared
        self.joinWaiters = Waiters(loop: client.loop)
        self.display = OutboxDisplay(shared, on: client.loop)
        self.machine = ChannelMachine(joinTime: client.options.joinTime, now: client.loop.now)
        self.outbox = Outbox(capacity: client.options.queueCapacity, window: client.options.unconfirmedWindow)
        self.presence = PresenceList(bound: client.options.limits.membersPerChannel)
        self.storage = ChannelStorage(name, of: client.storage, on: client.loop)
        self.cursor = Cursor(position: self.storage.position)
        self.outbox.restore(self.storage.takeMessages(now: client.loop.now))
        self.shared.publish(outbox: self.outbox.messages, edits: [])
        self.showStatus()
    }

    /// When the oldest of what the server has to answer was sent.
    var unansweredSince: MonotonicTime? {
        [self.machine.unansweredSince, self.outbox.oldestSent, self.pending.oldestSent].compactMap { $0 }.min()
    }

    private var confirms: Bool { self.client.confirmsSends }
    private var now: MonotonicTime { self.loop.now }

    // MARK: What the program wants

    func join() {
        let action = self.machine.join(requestId: PondID.uuid(), connected: self.client.isConnected, now: self.now)
        switch action {
        case .send(let requestId): self.sendJoin(requestId)
        case .wait: break
        case .nothing: return
        case .refuse(let error): return self.client.shared.errors.publish(error)
        }
        self.stateChanged()
    }

    func waitForJoin(id: String, timeout: Duration?, ended: @escaping @Sendable (PondError?) -> Void) {
        switch self.machine.visibleState {
        case .joined: ended(nil)
        case .closed, .declined: ended(self.overError)
        case .idle, .joining, .stalled:
            if let error = self.client.finalError { return ended(error) }
            self.join()
            self.client.connectUnlessAsked()
            self.joinWaiters.add(id, for: "The join of \(self.name)", timeout: timeout, complete: ended)
        }
    }

    func leave() {
        switch self.machine.leave(connected: self.client.isConnected, now: self.now) {
        case .nothing: return
        case .close: break
        case .send, .owe: self.client.leave(self.name)
        }
        self.over(.over("The channel was left", channel: self.name))
    }

    func send(id: String, event: String, payload: Payload, keepsFailure: Bool = true) {
        let now = self.now
        let message = OutgoingMessage(id: id, event: event, payload: payload, keepsFailure: keepsFailure, now: now)
        guard !self.machine.isOver else { return self.tell(message.entering(.failed(self.overError), now: self.now)) }
        // Nobody waits for the reply to a request after a restart.
        if !self.pending.contains(id) { self.storage.added(message) }
        let dropped = self.outbox.enqueue(message, now: self.now)
        if self.machine.visibleState != .joined || !self.shared.outboxChanges.isEmpty { self.tell(message) }
        if let dropped { self.settle(dropped) }
        self.flush()
    }

    /// Sends a message and reports its outcome: `nil` when the server has handled it.
    func deliver(
        id: String,
        event: String,
        payload: Payload,
        keepsFailure: Bool,
        ended: @escaping @Sendable (PondError?) -> Void
    ) {
        if let error = self.sendError { return ended(error) }
        self.confirmations[id] = ended
        self.send(id: id, event: event, payload: payload, keepsFailure: keepsFailure)
    }

    func request(id: String, event: String, payload: Payload, timeout: Duration, answer: @escaping Answer) {
        if let error = self.sendError { return answer(.failure(error)) }
        guard self.pending.add(id, answer, deadline: self.now + timeout) else {
            return answer(.failure(.rateLimited("Too many requests wait for an answer", retryAfter: 1)))
        }
        self.rearm()
        self.send(id: id, event: event, payload: payload, keepsFailure: false)
    }

    /// Why a message whose caller waits for the outcome cannot be sent, now or later.
    private var sendError: PondError? {
        if self.machine.isOver { return self.overError }
        if let error = self.client.finalError { return error }
        guard self.machine.visibleState == .idle else { return nil }
        return .over("not joined: call join() first", channel: self.name)
    }

    /// Nobody waits for that answer, or that confirmation, any more.
    ///
    /// A request that was not sent yet is not sent then; a message is, for only the waiting for its end was given up.
    func forget(id: String) {
        let error = PondError.over("Cancelled", channel: self.name)
        if let answer = self.pending.remove(id) { self.give(up: id, answer, error) }
        self.confirmations.removeValue(forKey: id)?(error)
        self.joinWaiters.complete(id, error)
        self.flush()
        self.rearm()
    }

    /// A call of the program that changes the outbox is carried out in this turn.
    func carryOut(_ edit: UInt64) {
        self.display.carriedOut(edit)
        self.showOutbox()
    }

    func drop(id: String?) {
        for id in id.map({ [$0] }) ?? self.outbox.messages.map(\.id) {
            if let message = self.outbox.drop(id: id, now: self.now) { self.settle(message) }
        }
        self.flush()
    }

    func retry(id: String?) {
        guard !self.machine.isOver else { return }
        let ids =
            id.map { [$0] } ?? self.outbox.messages.compactMap { if case .failed = $0.state { $0.id } else { nil } }
        for id in ids {
            guard let retry = self.outbox.retry(id: id, requestId: PondID.uuid(), now: self.now) else { continue }
            self.storage.added(retry.queued)
            self.tell(retry.queued)
            if let dropped = retry.dropped { self.settle(dropped) }
        }
        self.flush()
    }

    // MARK: What the connection does

    func connected() {
        guard case .send(let requestId) = self.machine.connected(requestId: PondID.uuid(), now: self.now) else {
            return
        }
        self.sendJoin(requestId)
        self.stateChanged()
    }

    /// The connection is gone, for good as far as requests are concerned when the program wanted it so.
    func disconnected(_ error: PondError, wanted: Bool) {
        let changed = self.machine.disconnected(now: self.now)
        self.pending.disconnected()
        self.openJoin = nil
        let waiting = self.outbox.disconnected(now: self.now)
        if changed { self.stateChanged() }
        for message in waiting { self.tell(message) }
        if wanted {
            for (requestId, answer) in self.pending.removeAll() { self.give(up: requestId, answer, error) }
        } else if !self.client.keepsSession {
            // With no session to come back to, what was sent and not kept cannot be answered any more.
            let lost = self.pending.remove { self.outbox.id(requestId: $0) == nil }
            for answer in lost { answer(.failure(error)) }
        }
        self.rearm()
    }

    /// The client has given up: nobody who waits for an answer gets one, and what they asked for is not sent later.
    func gaveUp(_ error: PondError) {
        for (requestId, answer) in self.pending.removeAll() { self.give(up: requestId, answer, error) }
        for (id, ended) in self.confirmations {
            self.confirmations[id] = nil
            if let dropped = self.outbox.drop(id: id, error, now: self.now) { self.settle(dropped) }
            ended(error)
        }
        self.joinWaiters.completeAll(error)
        self.rearm()
    }

    func clientGone() {
        guard self.machine.released(now: self.now) else { return }
        // The next process sends what this one could not.
        self.storage.close()
        self.over(.over("The client was released", channel: self.name))
    }

    /// Whether a request of this channel has that id.
    func asked(_ requestId: String) -> Bool {
        !requestId.isEmpty
            && (self.machine.joinRequest == requestId || self.pending.contains(requestId)
                || self.outbox.id(requestId: requestId) != nil)
    }

    func received(_ message: ServerMessage) {
        switch message.action {
        case .system: self.receivedSystem(message)
        case .broadcast: self.receivedBroadcast(message)
        case .presence: self.receivedPresence(message)
        case .error: self.refused(message, joinRequest: message.requestId)
        case .connect: break
        }
    }

    // MARK: Messages

    private func receivedSystem(_ message: ServerMessage) {
        switch SystemEvent(rawValue: message.event) {
        case .acknowledge: self.acknowledged(message)
        case .delivered: self.delivered(message.requestId)
        case .exitAcknowledge, .connection, .reconnect: break
        case .unauthorized:
            // Some servers refuse a join under an id of their own.
            self.refused(message, joinRequest: self.asked(message.requestId) ? message.requestId : nil)
        case .notFound: self.refused(message, joinRequest: message.requestId)
        case .evicted:
            self.evicted(message, reason: message.payload["reason"]?.string ?? "")
        // How servers in JavaScript say that a member was removed.
        case nil where message.event == "kicked_out" && !self.client.abilities.isSecondVersion:
            self.evicted(message, reason: message.payload["message"]?.string ?? "")
        case nil where message.event == "INTERNAL_ERROR": self.refused(message, joinRequest: message.requestId)
        case nil: self.deliver(message)
        }
    }

    private func evicted(_ message: ServerMessage, reason: String) {
        let action = self.machine.evicted(reason, now: self.now)
        guard action != .nothing else { return }
        if action == .leave { self.client.leave(self.name) }
        self.shared.messages.publish(message)
        self.over(PondError(code: 403, kind: .forbidden, message: "Removed: \(reason)", channel: self.name))
    }

    private func receivedBroadcast(_ message: ServerMessage) {
        if message.offset != nil, self.machine.visibleState != .joined {
            // The answer to the join says what was missed and replays it; a live one now would leave a gap before it.
            return
        }
        guard self.cursor.received(offset: message.offset, requestId: message.requestId) else { return }
        self.deliver(message)
        self.storage.moved(to: self.cursor.position)
    }

    private func deliver(_ message: ServerMessage) {
        if let answer = self.pending.remove(message.requestId) {
            answer(.success(message.payload))
            self.rearm()
            // The caller has the reply. A broadcast under the id of a request is for every member, so for this one too.
            guard message.action == .broadcast else { return }
        }
        switch self.machine.visibleState {
        case .joined, .stalled: self.shared.messages.publish(message)
        // For an earlier membership in a channel of the same name, left since.
        case .idle, .joining, .closed, .declined: break
        }
    }

    private func receivedPresence(_ message: ServerMessage) {
        guard let event = PresenceEvent(rawValue: message.event),
            let change = self.presence.received(event, payload: message.payload.json)
        else { return }
        self.presenceAsOf = self.now
        self.shared.presence = self.presence.entries
        self.showStatus()
        if change != PresenceList.Change() { self.shared.presenceChanges.publish(change) }
        self.shared.presenceLists.publish(self.presence.entries)
    }

    /// The server said no: to the join, to a request, to a message, or to something nobody remembers.
    private func refused(_ message: ServerMessage, joinRequest: String?) {
        let error = PondError(answer: message)
        if self.machine.declined(error, requestId: joinRequest, now: self.now) {
            self.openJoin = nil
            return self.over(error)
        }
        var known = false
        if let answer = self.pending.remove(message.requestId) {
            known = true
            answer(.failure(error))
            self.rearm()
        }
        if let failed = self.outbox.failed(requestId: message.requestId, error, now: self.now) {
            known = true
            self.settle(failed)
            self.flush()
        }
        if !known { self.client.shared.errors.publish(error) }
    }

    private func acknowledged(_ message: ServerMessage) {
        let joined = self.machine.acknowledged(requestId: message.requestId, now: self.now)
        guard joined != .nothing else { return }
        self.openJoin = nil
        let action = self.cursor.joined(JoinAnswer(message.payload))
        self.storage.moved(to: self.cursor.position)
        self.stateChanged()
        self.joinWaiters.completeAll(nil)
        switch action {
        case .nothing: break
        case .recovered(let count): self.shared.recoveries.publish(.recovered(count))
        case .resyncRequired: self.shared.recoveries.publish(.resyncRequired)
        }
        self.transmit(self.outbox.takeUnconfirmed(confirmed: self.confirms, now: self.now))
        self.flush()
    }

    private func delivered(_ requestId: String) {
        guard let message = self.outbox.delivered(requestId: requestId, now: self.now) else { return }
        self.settle(message)
        self.flush()
    }

    // MARK: Sending

    private func sendJoin(_ requestId: String) {
        self.openJoin = requestId
        let recover = self.cursor.joining()
        let second = self.client.abilities.isSecondVersion
        let error = self.client.send(
            ClientMessage(
                action: .joinChannel,
                event: ClientAction.joinChannel.rawValue,
                channelName: self.name,
                requestId: requestId,
                payload: self.params,
                recover: second ? recover : nil,
                wantsPresenceDeltas: second && self.client.options.wantsPresenceDeltas
            )
        )
        guard let error, self.machine.declined(error, requestId: requestId, now: self.now) else { return }
        self.openJoin = nil
        self.over(error)
    }

    private func flush() {
        if self.machine.visibleState == .joined {
            self.transmit(self.outbox.takeNext(confirmed: self.confirms, now: self.now))
        }
    }

    private func transmit(_ messages: [OutgoingMessage]) {
        for message in messages {
            let error = self.client.send(ClientMessage(message, to: self.name))
            if let error {
                self.refuse(message, error)
                continue
            }
            self.pending.sent(message.requestId, now: self.now)
            if message.state == .sent { self.settle(message) } else { self.tell(message) }
        }
    }

    /// A message that cannot be sent fails, and its caller is told; what waits behind it goes on.
    private func refuse(_ message: OutgoingMessage, _ error: PondError) {
        // Without confirmations the outbox has forgotten it already.
        let failed = self.outbox.failed(requestId: message.requestId, error, now: self.now)
        self.settle(failed ?? message.entering(.failed(error), now: self.now))
    }

    /// The largest message that was sent and not confirmed.
    var largestSent: (requestId: String, bytes: Int, tries: Int)? {
        self.outbox.sent.max { $0.size < $1.size }.map { ($0.requestId, $0.size, $0.tries) }
    }

    /// The server closed the connection because of this message: it fails, and is not sent again.
    func refuseAsTooLarge(_ requestId: String) {
        let message = "The server closed the connection because of this message: it is over the server's limit"
        let error = PondError(code: 413, kind: .tooLarge, message: message, channel: self.name)
        if let failed = self.outbox.failed(requestId: requestId, error, now: self.now) { self.settle(failed) }
    }

    // MARK: Ends

    private var overError: PondError {
        if case .declined(let error) = self.machine.reason { return error }
        return .over("The channel is over: \(self.machine.reason)", channel: self.name)
    }

    /// The channel came to its end: whoever waits for something is told.
    private func over(_ error: PondError) {
        self.client.remove(self)
        if let openJoin = self.openJoin { self.client.abandon(join: openJoin) }
        if let timer = self.timer { self.loop.cancel(timer) }
        self.timer = nil
        self.client.answersChanged()
        let failed = self.outbox.close(error, now: self.now)
        // Whoever is told looks at the state next.
        self.stateChanged()
        for message in failed { self.settle(message) }
        for (_, answer) in self.pending.removeAll() { answer(.failure(error)) }
        for ended in self.confirmations.values { ended(error) }
        self.confirmations = [:]
        self.joinWaiters.completeAll(error)
        self.storage.left()
        self.shared.finish()
    }

    /// A message came to its end, or to where a retry begins.
    private func settle(_ message: OutgoingMessage) {
        let error: PondError?
        if case .failed(let reason) = message.state { error = reason } else { error = nil }
        self.storage.removed(message.id)
        self.confirmations.removeValue(forKey: message.id)?(error)
        if let error { self.pending.remove(message.requestId)?(.failure(error)) }
        self.tell(message)
    }

    /// Fails a request. Its message leaves the outbox, so the server does not handle it later.
    private func give(up requestId: String, _ answer: Answer, _ error: PondError) {
        if let id = self.outbox.id(requestId: requestId), let dropped = self.outbox.drop(id: id, error, now: self.now) {
            self.settle(dropped)
        }
        answer(.failure(error))
    }

    private func tell(_ message: OutgoingMessage) {
        self.client.answersChanged()
        self.showOutbox()
        self.shared.outboxChanges.publish(message)
    }

    // MARK: Time

    private func rearm() {
        self.client.answersChanged()
        if let timer = self.timer { self.loop.cancel(timer) }
        let deadline = [self.machine.nextDeadline, self.pending.nextDeadline].compactMap { $0 }.min()
        self.timer = deadline.map { deadline in
            self.loop.schedule(after: max(.zero, deadline - self.now)) { [weak self] in self?.timePassed() }
        }
    }

    private func timePassed() {
        self.timer = nil
        switch self.machine.timePassed(now: self.now) {
        case .nothing: break
        case .replaceLink: self.client.replaceLink()
        }
        for (requestId, answer) in self.pending.expired(now: self.now) {
            let isSent = self.outbox.messages.allSatisfy { $0.requestId != requestId || $0.state != .queued }
            let error = isSent ? "No reply to the request in time" : "Not sent in time: \(self.machine.reason)"
            self.give(up: requestId, answer, .timeout(error))
        }
        self.flush()
        self.rearm()
    }

    // MARK: What is seen from outside

    private func stateChanged() {
        self.rearm()
        let status = self.status
        self.shared.stateChanges.publish(status) { self.shared.publish(status) }
    }

    private func showStatus() { self.shared.publish(self.status) }

    private var status: ChannelStatus {
        ChannelStatus(self.machine, self.outbox, presenceAsOf: self.presenceAsOf)
    }

    private func showOutbox() {
        self.display.changed {
            self.outbox.messages
        } then: {
            self.showStatus()
        }
    }
}
