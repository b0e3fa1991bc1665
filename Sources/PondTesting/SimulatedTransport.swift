package import PondKit

/// The client's end of a connection over a network that takes its time, and that may stop carrying without a word.
///
/// Everything happens on the loop of the simulation.
package final class SimulatedTransport: LivenessTransport, TransportReceiver {
    package let kind = TransportKind("simulated")
    package var receiver: (any TransportReceiver)?
    package var whenPonged: (() -> Void)?
    package var whenHeard: (() -> Void)?
    package var queuedBytes: Int { self.inner.queuedBytes }

    private let inner: MemoryTransport
    private let loop: EventLoop
    private let delay: () -> Duration
    /// When the last thing that is under way in each direction arrives: nothing overtakes it.
    private var lastOut = MonotonicTime.zero
    private var lastIn = MonotonicTime.zero
    private var isSilent = false
    package private(set) var isOver = false

    package init(_ inner: MemoryTransport, on loop: EventLoop, delay: @escaping () -> Duration) {
        self.inner = inner
        self.loop = loop
        self.delay = delay
        inner.receiver = self
    }

    private func carry(after last: inout MonotonicTime, _ body: @escaping () -> Void) {
        last = max(last + .nanoseconds(1), self.loop.now + self.delay())
        self.loop.schedule(after: last - self.loop.now, body)
    }

    // The network

    /// The link breaks: what is under way is lost, and both sides hear of it.
    package func cut() {
        guard !self.isOver else { return }
        self.isOver = true
        self.inner.abort()
        self.receiver?.transport(self, ended: TransportEnd(code: 1006, reason: "cut", clean: false))
    }

    /// The client's side closes with 1011, as one does that missed a pong: what is under way is lost.
    package func closeAfterAMissedPong() {
        guard !self.isOver else { return }
        self.isOver = true
        self.inner.close(code: 1011, reason: "keepalive ping timeout")
        self.receiver?.transport(self, ended: TransportEnd(code: 1011, reason: "", clean: true))
    }

    /// From now on nothing passes; the server finds out by itself after a while.
    package func goSilent(for time: Duration) {
        self.isSilent = true
        self.loop.schedule(after: time) { self.inner.abort() }
    }

    // Transport

    package func send(_ frame: Frame) {
        self.carry(after: &self.lastOut) {
            if !self.isSilent, !self.isOver { self.inner.send(frame) }
        }
    }

    package func close(code: UInt16, reason: String) {
        self.carry(after: &self.lastOut) {
            guard !self.isOver else { return }
            self.isOver = true
            if !self.isSilent { self.inner.close(code: code, reason: reason) }
        }
    }

    package func abort() {
        guard !self.isOver else { return }
        self.isOver = true
        if !self.isSilent { self.inner.abort() }
    }

    package func ping() {
        self.carry(after: &self.lastOut) {
            self.carry(after: &self.lastIn) {
                if !self.isSilent, !self.isOver { self.whenPonged?() }
            }
        }
    }

    // From the server

    package func transport(_ transport: any Transport, received message: UnsafeRawBufferPointer) {
        let bytes = Array(message)
        self.carry(after: &self.lastIn) {
            guard !self.isSilent, !self.isOver else { return }
            bytes.withUnsafeBytes { self.receiver?.transport(self, received: $0) }
        }
    }

    package func transport(_ transport: any Transport, ended end: TransportEnd) {
        self.carry(after: &self.lastIn) {
            guard !self.isSilent, !self.isOver else { return }
            self.isOver = true
            self.receiver?.transport(self, ended: end)
        }
    }
}
