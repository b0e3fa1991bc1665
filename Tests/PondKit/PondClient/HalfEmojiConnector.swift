@testable import PondClient
@testable import PondCore
@testable import PondNet
@testable import PondRuntime

/// Sends a private-use character as half of an emoji, as a JavaScript program does that cut a string in its middle.
struct HalfEmojiConnector: ClientConnector {
    /// What the program says, and what every reader reads.
    static let said = "cut \u{E000}"
    static let read = "cut \u{FFFD}"

    let inner: any ClientConnector

    func connect(
        to target: ClientTarget,
        on loop: EventLoop,
        completion: @escaping (Result<any Transport, PondError>) -> Void
    ) {
        self.inner.connect(to: target, on: loop) { result in
            completion(result.map { ($0 as? any LivenessTransport).map(HalfEmojiTransport.init) ?? $0 })
        }
    }
}

/// The transport of a `HalfEmojiConnector`; it belongs to the loop of the one inside it.
private final class HalfEmojiTransport: LivenessTransport {
    private static let character = Array("\u{E000}".utf8)
    private static let half = Array(#"\ud83d"#.utf8)

    private let inner: any LivenessTransport
    var receiver: (any TransportReceiver)? { didSet { self.inner.receiver = self.receiver == nil ? nil : self } }

    init(_ inner: any LivenessTransport) { self.inner = inner }

    var kind: TransportKind { self.inner.kind }
    var queuedBytes: Int { self.inner.queuedBytes }
    var answersPings: Bool { self.inner.answersPings }
    var whenPonged: (() -> Void)? {
        get { self.inner.whenPonged }
        set { self.inner.whenPonged = newValue }
    }
    var whenHeard: (() -> Void)? {
        get { self.inner.whenHeard }
        set { self.inner.whenHeard = newValue }
    }

    func ping() { self.inner.ping() }
    func close(code: UInt16, reason: String) { self.inner.close(code: code, reason: reason) }
    func abort() { self.inner.abort() }

    func send(_ frame: Frame) {
        self.inner.send(Frame(text: frame.text.replacing(Self.character, with: Self.half), event: frame.event))
    }
}

extension HalfEmojiTransport: TransportReceiver {
    func transport(_ transport: any Transport, received message: UnsafeRawBufferPointer) {
        self.receiver?.transport(self, received: message)
    }

    func transport(_ transport: any Transport, ended end: TransportEnd) {
        self.receiver?.transport(self, ended: end)
    }
}
