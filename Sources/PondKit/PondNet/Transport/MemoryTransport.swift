public import PondCore
public import PondRuntime

/// One end of a connection in memory, for tests and for clients in the server's own process.
///
/// What one end sends in a turn reaches the other in a later turn of its loop, in order, and the end of the
/// connection comes after it.
/// `@unchecked Sendable`: `taken` is guarded by its lock; everything else is touched on `loop` only.
public final class MemoryTransport: Transport, @unchecked Sendable {
    public let kind: TransportKind
    public var receiver: (any TransportReceiver)? {
        didSet { if self.receiver != nil { self.deliver() } }
    }

    private let loop: EventLoop
    private var peer: MemoryTransport?
    private let limit: Int
    private var inbox: [Arrival] = []
    private var paused = false
    private var ended = false
    private var closing = false
    /// Bytes that went to the peer and that its receiver has not had yet.
    private let underway = Lock(0)

    private enum Arrival: Sendable {
        case frame(Frame)
        case end(TransportEnd)
    }

    private init(kind: TransportKind, loop: EventLoop, limit: Int) {
        self.kind = kind
        self.loop = loop
        self.limit = limit
    }

    /// Two ends, each for its own loop; they may share one.
    public static func pair(
        _ first: EventLoop,
        _ second: EventLoop,
        kind: TransportKind = .memory,
        limits: Limits = .default
    ) -> (MemoryTransport, MemoryTransport) {
        let left = MemoryTransport(kind: kind, loop: first, limit: limits.outboundBytes)
        let right = MemoryTransport(kind: kind, loop: second, limit: limits.outboundBytes)
        left.peer = right
        right.peer = left
        return (left, right)
    }

    public var queuedBytes: Int { self.underway.withLock { $0 } }

    public func send(_ frame: Frame) {
        self.loop.checkCurrent("MemoryTransport.send(_:)")
        guard !self.ended, !self.closing, let peer = self.peer else { return }
        let queued = self.underway.withLock { underway in
            underway += frame.text.count
            return underway
        }
        peer.loop.execute { peer.arrive(.frame(frame)) }
        if queued > self.limit { self.close(code: 1013, reason: "too slow") }
    }

    public func close(code: UInt16, reason: String) {
        self.loop.checkCurrent("MemoryTransport.close(code:reason:)")
        guard !self.ended, !self.closing else { return }
        self.closing = true
        let end = TransportEnd(code: code, reason: reason, clean: true)
        if let peer = self.peer { peer.loop.execute { peer.arrive(.end(end)) } }
        self.loop.execute { self.end(end) }
    }

    public func abort() {
        self.loop.checkCurrent("MemoryTransport.abort()")
        guard !self.ended else { return }
        let end = TransportEnd(code: 1006, reason: "aborted", clean: false)
        if let peer = self.peer { peer.loop.execute { peer.arrive(.end(end)) } }
        self.end(end)
    }

    /// Leaves what arrives where it is, as a peer does that does not read.
    public func pauseReading() {
        self.loop.checkCurrent("MemoryTransport.pauseReading()")
        self.paused = true
    }

    /// Delivers what has arrived while reading was paused, and what arrives from now on.
    public func resumeReading() {
        self.loop.checkCurrent("MemoryTransport.resumeReading()")
        self.paused = false
        self.deliver()
    }

    private func arrive(_ arrival: Arrival) {
        guard !self.ended else { return }
        self.inbox.append(arrival)
        self.deliver()
    }

    private func deliver() {
        guard !self.paused, self.receiver != nil else { return }
        while !self.inbox.isEmpty, !self.paused, !self.ended {
            let arrived = self.inbox
            self.inbox = []
            for (index, arrival) in arrived.enumerated() {
                guard !self.paused, !self.ended else {
                    self.inbox = arrived[index...] + self.inbox
                    break
                }
                self.take(arrival)
            }
        }
    }

    private func take(_ arrival: Arrival) {
        switch arrival {
        case .frame(let frame):
            self.peer?.underway.withLock { $0 -= frame.text.count }
            frame.text.withUnsafeBytes { self.receiver?.transport(self, received: $0) }
        case .end(let end): self.end(end)
        }
    }

    private func end(_ end: TransportEnd) {
        guard !self.ended else { return }
        self.ended = true
        let receiver = self.receiver
        receiver?.transport(self, ended: end)
        self.receiver = nil
        self.peer = nil
        self.inbox = []
    }
}
