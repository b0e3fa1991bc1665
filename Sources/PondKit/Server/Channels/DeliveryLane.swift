/// Keeps what a channel sends in order behind an outgoing handler that suspends.
///
/// Confined to the channel's loop; made with the first such handler, so that other channels pay nothing.
final class DeliveryLane {
    private var waiting = Queue<Work>()
    /// Whether something lasts, and everything after it waits.
    private(set) var isBusy = false
    /// Whether `goOn` is on the stack, so that it takes up what waits.
    private var goingOn = false

    private enum Work {
        /// Is done with its return.
        case immediate(() -> Void)
        /// Is done when it says so.
        case lasting((_ done: @escaping () -> Void) -> Void)
    }

    /// Does something when everything before it is done.
    func pass(_ work: @escaping () -> Void) {
        guard self.isBusy else { return work() }
        self.waiting.append(.immediate(work))
    }

    /// Does something that takes time when everything before it is done; what comes after it waits.
    func hold(_ work: @escaping (_ done: @escaping () -> Void) -> Void) {
        guard self.isBusy else { return self.begin(work) }
        self.waiting.append(.lasting(work))
    }

    private func begin(_ work: (_ done: @escaping () -> Void) -> Void) {
        self.isBusy = true
        work {
            self.isBusy = false
            if !self.goingOn { self.goOn() }
        }
    }

    private func goOn() {
        self.goingOn = true
        while !self.isBusy, let work = self.waiting.popFirst() {
            switch work {
            case .immediate(let work): work()
            case .lasting(let work): self.begin(work)
            }
        }
        self.goingOn = false
    }
}
