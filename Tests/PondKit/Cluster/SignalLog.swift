@testable import PondRuntime
@testable import PondServer

/// Keeps what a subscriber heard.
final class SignalLog: Sendable {
    private let heard = Lock<[PubSubSignal]>([])

    var signals: [PubSubSignal] { self.heard.withLock { $0 } }

    var texts: [String] {
        self.signals.compactMap { signal in
            if case .message(_, let bytes) = signal { String(decoding: bytes, as: UTF8.self) } else { nil }
        }
    }

    func hear(_ signal: PubSubSignal) { self.heard.withLock { $0.append(signal) } }
}
