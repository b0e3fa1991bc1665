import PondCore
import PondRuntime

/// What a member needs only while a handler is suspended, while it recovers, or once it asked for acknowledgements.
final class MemberExtras {
    /// What waits until a handler is done, in order.
    private var pending = Queue<(work: MemberWork, size: Int)>()
    /// How much waits.
    private(set) var work = WaitingWork()
    /// The same for everything on this loop.
    private let loopWork: LoopWork
    /// Takes a member out whose handler takes too long when its connection is over.
    var removal: TimerID?
    /// Callers that wait until the member has left.
    var whenOut: [() -> Void] = []
    /// The acknowledged messages of late, made with the first of them.
    var dedupe: DedupeWindow?
    /// What the history's store had for the join that is being handled.
    var prepared = ChannelHistory.Prepared.fromMemory
    /// The position that it joined with, where this node may not have read the history so far.
    var ahead: StreamPosition?

    /// What it shows on the node that it comes from, while the join with which it goes on here is handled.
    var presenceElsewhere: (value: JSONObject, key: String?)?

    init(loopWork: LoopWork) { self.loopWork = loopWork }

    deinit { self.loopWork.total.remove(self.work) }

    func append(_ work: MemberWork) {
        let size = work.size
        self.pending.append((work, size))
        self.work.add(size)
        self.loopWork.total.add(size)
    }

    func takePending() -> MemberWork? {
        guard let (work, size) = self.pending.popFirst() else { return nil }
        self.work.remove(size)
        self.loopWork.total.remove(size)
        return work
    }

    func dropPending() {
        self.pending.removeAll()
        self.loopWork.total.remove(self.work)
        self.work = WaitingWork()
    }
}
