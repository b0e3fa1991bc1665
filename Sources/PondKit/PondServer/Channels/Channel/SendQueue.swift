import PondCore

/// Preserves the send order of a channel while an outgoing handler is suspended.
///
/// Confined to the channel's loop. A channel gets one with its first suspending outgoing handler, so other channels pay
/// nothing.
final class SendQueue {
    private var waiting = Queue<Entry>()
    /// The size of the waiting entries and of the lasting one.
    private(set) var work = WaitingWork()
    /// The size of all waiting work on this loop.
    private let loopWork: LoopWork
    /// Whether an entry is lasting, so that later entries wait.
    private(set) var isBusy = false
    /// Whether `proceed` is on the stack and will run the waiting entries.
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
        /// Complete when it returns.
        case immediate(() -> Void)
        /// Complete when it calls `done`.
        case lasting((_ done: @escaping () -> Void) -> Void)
    }

    init(loopWork: LoopWork = LoopWork()) { self.loopWork = loopWork }

    deinit { self.loopWork.total.remove(self.work) }

    /// Whether new messages of the channel's members are refused.
    func isFull(_ limits: Limits) -> Bool {
        let (count, bytes) = (limits.pendingBroadcastsPerChannel, limits.pendingBytesPerChannel)
        return !self.work.hasRoom(for: 0, count: count, bytes: bytes) || !self.loopWork.hasRoom(for: 0, limits)
    }

    /// Whether every new message is dropped, also of timers and other nodes: twice the limits are reached.
    func isOverfull(_ limits: Limits) -> Bool {
        let count = limits.pendingBroadcastsPerChannel.multipliedReportingOverflow(by: 2)
        let bytes = limits.pendingBytesPerChannel.multipliedReportingOverflow(by: 2)
        return !self.work.hasRoom(
            for: 0,
            count: count.overflow ? .max : count.partialValue,
            bytes: bytes.overflow ? .max : bytes.partialValue
        )
    }

    /// Runs `work` after all earlier entries; `size` is the memory that it holds until then.
    func pass(size: Int = 128, _ work: @escaping () -> Void) {
        guard self.isBusy else { return work() }
        self.append(size, .immediate(work))
    }

    /// Runs `work` after all earlier entries; later entries wait until it calls `done`.
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
