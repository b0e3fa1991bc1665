extension ClientChannel {
    /// The presences as of the server's last presence message; current only while the channel is JOINED.
    public var presence: [PresenceList.Entry] { self.shared.presence }

    /// Calls back for each presence that joins.
    @discardableResult
    public func onJoin(_ listener: @escaping @Sendable (PresenceList.Entry) -> Void) -> ClientSubscription {
        self.shared.presenceChanges.add { for entry in $0.joined { listener(entry) } }
    }

    /// Calls back for each presence that leaves, with its last value.
    @discardableResult
    public func onLeave(_ listener: @escaping @Sendable (PresenceList.Entry) -> Void) -> ClientSubscription {
        self.shared.presenceChanges.add { for entry in $0.left { listener(entry) } }
    }

    /// Calls back for each presence whose value changes.
    @discardableResult
    public func onPresenceChange(_ listener: @escaping @Sendable (PresenceList.Entry) -> Void) -> ClientSubscription {
        self.shared.presenceChanges.add { for entry in $0.updated { listener(entry) } }
    }

    /// Calls back with the whole list after every change of it.
    @discardableResult
    public func onUsersChange(_ listener: @escaping @Sendable ([PresenceList.Entry]) -> Void) -> ClientSubscription {
        self.shared.presenceLists.add(listener)
    }

    /// The whole list now, and after every change of it, for one consumer; ends with the channel.
    public var presenceLists: ClientSequence<[PresenceList.Entry]> {
        ClientSequence(
            self.shared.presenceLists,
            beginningWith: { self.shared.presence },
            capacity: self.options.sequenceCapacity,
            keeping: self.kept
        )
    }

    /// Every change of the list, for one consumer; ends with the channel.
    public var presenceChanges: ClientSequence<PresenceList.Change> {
        ClientSequence(self.shared.presenceChanges, capacity: self.options.sequenceCapacity, keeping: self.kept)
    }
}
