extension ClientChannel {
    /// The messages that are not complete: failed ones first, then in the order of sending.
    ///
    /// A failed message stays for `retryMessage` or `dropMessage`, except where its caller was told: `sendForResponse`
    /// throws, and so does `deliver`, unless it was asked to keep the message.
    public var outbox: [OutgoingMessage] { self.shared.outbox }

    /// Calls back for every state that a message of this channel enters, `delivered` and dropping included.
    @discardableResult
    public func onOutboxChange(_ listener: @escaping @Sendable (OutgoingMessage) -> Void) -> ClientSubscription {
        self.shared.outboxChanges.add(listener)
    }

    /// Every state that a message of this channel enters, for one consumer; ends with the channel.
    public var outboxChanges: ClientSequence<OutgoingMessage> {
        ClientSequence(self.shared.outboxChanges, capacity: self.options.sequenceCapacity, keeping: self.kept)
    }

    /// Cancels one message, or all that are not complete.
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
