import PondRuntime
package import PondServer

/// Keeps what a subscriber heard.
package final class SignalLog: Sendable {
    private let heard = Lock<[PubSubSignal]>([])

    package init() {}

    package var signals: [PubSubSignal] { self.heard.withLock { $0 } }

    package var texts: [String] {
        self.signals.compactMap { signal in
            if case .message(_, let bytes) = signal { String(decoding: bytes, as: UTF8.self) } else { nil }
        }
    }

    package func hear(_ signal: PubSubSignal) { self.heard.withLock { $0.append(signal) } }
}
