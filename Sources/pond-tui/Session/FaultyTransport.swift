internal import PondKit

/// A transport that can be cut, or frozen: then both directions are held until it is thawed. Confined to its loop.
class FaultyTransport: Transport, TransportReceiver {
    var receiver: (any TransportReceiver)?
    var kind: TransportKind { self.inner.kind }
    var queuedBytes: Int { self.inner.queuedBytes + self.heldBytes }

    fileprivate let inner: any Transport
    private var isFrozen = false
    private var isOver = false
    private var outgoing: [Frame] = []
    private var incoming: [Arrival] = []
    private var heldBytes = 0
    /// A frozen link that holds more than this is dropped.
    private static let capacity = 8 << 20

    private enum Arrival {
        case message([UInt8])
        case end(TransportEnd)
        case sign(() -> Void)
    }

    fileprivate init(_ inner: any Transport) {
        self.inner = inner
        inner.receiver = self
    }

    /// The same abilities as the transport inside: one that cannot be pinged must not look as if it could.
    static func around(_ transport: any Transport) -> FaultyTransport {
        (transport as? any LivenessTransport).map { FaultyLivenessTransport($0) } ?? FaultyTransport(transport)
    }

    /// Ends the connection as a lost socket does.
    func cut() {
        guard !self.isOver else { return }
        self.inner.receiver = nil
        self.inner.abort()
        self.end(TransportEnd(code: 1006, reason: "cut", clean: false))
    }

    func freeze() { self.isFrozen = true }

    func thaw() {
        guard self.isFrozen else { return }
        self.isFrozen = false
        let (outgoing, incoming) = (self.outgoing, self.incoming)
        (self.outgoing, self.incoming, self.heldBytes) = ([], [], 0)
        guard !self.isOver else { return }
        for frame in outgoing { self.inner.send(frame) }
        for arrival in incoming { self.hand(over: arrival) }
    }

    func send(_ frame: Frame) {
        guard !self.isOver else { return }
        guard self.isFrozen else { return self.inner.send(frame) }
        self.outgoing.append(frame)
        self.hold(frame.text.count)
    }

    func close(code: UInt16, reason: String) {
        guard !self.isOver else { return }
        guard self.isFrozen else { return self.inner.close(code: code, reason: reason) }
        self.inner.receiver = nil
        self.inner.abort()
        self.end(TransportEnd(code: code, reason: reason, clean: true))
    }

    func abort() {
        guard !self.isOver else { return }
        self.isOver = true
        self.inner.receiver = nil
        self.inner.abort()
    }

    func transport(_ transport: any Transport, received message: UnsafeRawBufferPointer) {
        guard self.isFrozen else {
            self.receiver?.transport(self, received: message)
            return
        }
        self.incoming.append(.message(Array(message)))
        self.hold(message.count)
    }

    func transport(_ transport: any Transport, ended end: TransportEnd) {
        if self.isFrozen { self.incoming.append(.end(end)) } else { self.end(end) }
    }

    /// A sign of life without a message: held like one.
    fileprivate func sign(_ tell: @escaping () -> Void) {
        if self.isFrozen { self.incoming.append(.sign(tell)) } else { tell() }
    }

    fileprivate var takesPings: Bool { !self.isFrozen && !self.isOver }

    private func hold(_ bytes: Int) {
        self.heldBytes += bytes
        if self.heldBytes > Self.capacity { self.cut() }
    }

    private func hand(over arrival: Arrival) {
        guard !self.isOver else { return }
        switch arrival {
        case .message(let bytes): bytes.withUnsafeBytes { self.receiver?.transport(self, received: $0) }
        case .end(let end): self.end(end)
        case .sign(let tell): tell()
        }
    }

    private func end(_ end: TransportEnd) {
        guard !self.isOver else { return }
        self.isOver = true
        (self.outgoing, self.incoming) = ([], [])
        self.receiver?.transport(self, ended: end)
    }
}

/// The same around a transport that can be pinged; a ping into a frozen link has no answer.
private final class FaultyLivenessTransport: FaultyTransport, LivenessTransport {
    var whenPonged: (() -> Void)?
    var whenHeard: (() -> Void)?
    private let liveness: any LivenessTransport

    fileprivate init(_ inner: any LivenessTransport) {
        self.liveness = inner
        super.init(inner)
        inner.whenPonged = { [unowned self] in self.sign { self.whenPonged?() } }
        inner.whenHeard = { [unowned self] in self.sign { self.whenHeard?() } }
    }

    var answersPings: Bool { self.liveness.answersPings }

    func ping() { if self.takesPings { self.liveness.ping() } }
}
