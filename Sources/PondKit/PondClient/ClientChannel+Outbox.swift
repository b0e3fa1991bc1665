extension ClientChannel {
    /// The messages that are not settled: failed ones first, then in the order of sending.
    public var outbox: [OutgoingMessage] { self.shared.outbox }

    /// Calls back for every message of ours that comes to a new state, delivered and dropped ones included.
    @discardableResult
    public func onOutboxChange(_ listener: @escaping @Sendable (OutgoingMessage) -> Void) -> ClientSubscription {
        self.shared.outboxChanges.add(listener)
    }

    /// Every message of ours that comes to a new state, for one consumer; ends with the channel.
    public var outboxChanges: ClientSequence<OutgoingMessage> {
        ClientSequence(self.shared.outboxChanges, capacity: self.options.sequenceCapacity, keeping: self.kept)
    }

    /// Gives up one message, or all that are not settled.
    public func dropMessage(_ id: String? = nil) {
        let edit = self.shared.asked(.drop(id: id))
        self.perform { driver in
            driver.carryOut(edit)
            driver.drop(id: id)
        }
    }

    /// Sends one failed message again, or all of them.
    public func retryMessage(_ id: String? = nil) { self.perform { $0.retry(id: id) } }
}
