import PondKit

/// A transport whose peer is the test: it records what is sent, and says what the test says.
final class ScriptedTransport: LivenessTransport {
    let target: ClientTarget
    let kind = TransportKind("scripted")
    var receiver: (any TransportReceiver)?
    var whenPonged: (() -> Void)?
    var whenHeard: (() -> Void)?
    var queuedBytes = 0

    private(set) var sent: [ClientMessage] = []
    private(set) var pings = 0
    private(set) var closed: UInt16?
    private(set) var isAborted = false

    init(target: ClientTarget) { self.target = target }

    func send(_ frame: Frame) {
        if let message = try? frame.text.withUnsafeBytes({ try ClientMessage(parsing: $0) }) {
            self.sent.append(message)
        }
    }

    func close(code: UInt16, reason: String) { self.closed = code }
    func abort() { self.isAborted = true }
    func ping() { self.pings += 1 }

    /// What was sent since the last time this was asked.
    func take() -> [ClientMessage] {
        defer { self.sent = [] }
        return self.sent
    }

    func say(_ text: String) {
        Array(text.utf8).withUnsafeBytes { self.receiver?.transport(self, received: $0) }
    }

    func end(_ code: UInt16 = 1006) {
        self.receiver?.transport(self, ended: TransportEnd(code: code, reason: "", clean: false))
    }
}
