import PondCore

/// Preserves the send order of a channel while an outgoing handler is suspended.
///
/// Confined to the channel's loop. A channel gets one with its first suspending outgoing handler, so other channels pay
/// nothing.
final class SendQueue {
    private var waiting = Queue<Entry>()
    /// The entries that wait and the one that lasts.
    private(set) var work = WaitingWork()
    /// The same for everything on this loop.
    private let loopWork: LoopWork
    /// Whether an entry lasts, and everything after it waits.
    private(set) var isBusy = false
    /// Whether `proceed` is on the stack, so that it takes up what waits.
    private var isProceeding = false
    /// The ticket of the next entry; tickets rise in the order of sending.
    private(set) var nextTicket: UInt64 = 0
    /// The ticket of the entry that is being run; the highest ticket while what runs never waited.
    private(set) var currentTicket = UInt64.max

    private struct Entry {
        let ticket: UInt64
        let size: Int
        let kind: Kind
    }

    private enum Kind {
        /// Is done with its return.
        case immediate(() -> Void)
        /// Is done when it calls `done`.
        case lasting((_ done: @escaping () -> Void) -> Void)
    }

    init(loopWork: LoopWork = LoopWork()) { self.loopWork = loopWork }

    deinit { self.loopWork.total.remove(self.work) }

    /// Whether the members of the channel have to wait with new messages.
    func isFull(_ limits: Limits) -> Bool {
        let (count, bytes) = (limits.pendingBroadcastsPerChannel, limits.pendingBytesPerChannel)
        return !self.work.hasRoom(for: 0, count: count, bytes: bytes) || !self.loopWork.hasRoom(for: 0, limits)
    }

    /// Whether even what no message of a member caused has to be dropped: twice the limits are reached.
    func isOverfull(_ limits: Limits) -> Bool {
        let count = limits.pendingBroadcastsPerChannel.multipliedReportingOverflow(by: 2)
        let bytes = limits.pendingBytesPerChannel.multipliedReportingOverflow(by: 2)
        return !self.work.hasRoom(
            for: 0,
            count: count.overflow ? .max : count.partialValue,
            bytes: bytes.overflow ? .max : bytes.partialValue
        )
    }

    /// Does something when everything before it is done; `size` is the memory that it holds meanwhile.
    func pass(size: Int = 128, _ work: @escaping () -> Void) {
        guard self.isBusy else { return work() }
        self.append(size, .immediate(work))
    }

    /// Does something that takes time when everything before it is done; what comes after it waits.
    func hold(size: Int = 128, _ work: @escaping (_ done: @escaping () -> Void) -> Void) {
        guard self.isBusy else {
            self.add(size)
            return self.begin(size, work)
        }
        self.append(size, .lasting(work))
    }

    private func append(_ size: Int, _ kind: Kind) {
        self.waiting.append(Entry(ticket: self.nextTicket, size: size, kind: kind))
        self.nextTicket += 1
        self.add(size)
    }

    private func add(_ size: Int) {
        self.work.add(size)
        self.loopWork.total.add(size)
    }

    private func remove(_ size: Int) {
        self.work.remove(size)
        self.loopWork.total.remove(size)
    }

    private func begin(_ size: Int, _ work: (_ done: @escaping () -> Void) -> Void) {
        self.isBusy = true
        work {
            self.remove(size)
            self.isBusy = false
            if !self.isProceeding { self.proceed() }
        }
    }

    private func proceed() {
        self.isProceeding = true
        while !self.isBusy, let entry = self.waiting.popFirst() {
            self.currentTicket = entry.ticket
            switch entry.kind {
            case .immediate(let work):
                work()
                self.remove(entry.size)
            case .lasting(let work): self.begin(entry.size, work)
            }
        }
        self.currentTicket = .max
        self.isProceeding = false
    }
}
