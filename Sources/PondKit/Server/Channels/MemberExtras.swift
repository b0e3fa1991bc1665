/// What a member needs only while a handler is suspended, while it recovers, or once it asked for acknowledgements.
final class MemberExtras {
    /// What waits until a handler is done, in order.
    var pending: [MemberWork] = []
    /// How many of `pending` were taken.
    private var head = 0
    /// Takes a member out whose handler takes too long when its connection is over.
    var removal: TimerID?
    /// Who waits until it is out.
    var whenOut: [() -> Void] = []
    /// The acknowledged messages of late, made with the first of them.
    var dedupe: DedupeWindow?
    /// What the history's store had for the join that is being handled.
    var prepared = ChannelHistory.Prepared.fromMemory

    /// What it shows on the node that it comes from, while the join with which it goes on here is handled.
    var presenceElsewhere: (value: JSONObject, key: String?)?

    var waiting: Int { self.pending.count - self.head }

    func takePending() -> MemberWork? {
        guard self.head < self.pending.count else { return nil }
        let work = self.pending[self.head]
        self.head += 1
        if self.head == self.pending.count { self.dropPending() }
        return work
    }

    func dropPending() {
        self.pending = []
        self.head = 0
    }
}
