/// What a member needs only while a handler is suspended, while it recovers, or once it asked for acknowledgements.
final class MemberExtras {
    /// What waits until a handler is done, in order.
    var pending = Queue<MemberWork>()
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

    var waiting: Int { self.pending.count }

    func takePending() -> MemberWork? { self.pending.popFirst() }

    func dropPending() { self.pending.removeAll() }
}
