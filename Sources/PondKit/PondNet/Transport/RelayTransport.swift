package import PondCore
package import PondRuntime
internal import Synchronization

/// A transport of another loop, for a connection that lives on this one: a session goes on where it began, whichever
/// loop its new socket came to.
///
/// `@unchecked Sendable`: `receiver` is touched on `home` only, `distant` on `away` only.
package final class RelayTransport: Transport, @unchecked Sendable {
    package let kind: TransportKind
    package var receiver: (any TransportReceiver)?
    private let distant: any Transport
    private let home: EventLoop
    private let away: EventLoop
    /// Bytes on their way to the other loop, and what the transport there had not sent when it was last asked.
    private let underway = Atomic<Int>(0)
    private let queued = Atomic<Int>(0)

    /// A relay to a transport of the loop `away`; nothing arrives before `begin`.
    package init(_ distant: any Transport, of away: EventLoop, for home: EventLoop) {
        self.kind = distant.kind
        self.distant = distant
        self.home = home
        self.away = away
    }

    /// Lets what arrives pass to `home`. Call on `away`.
    package func begin() { self.distant.receiver = self }

    package var queuedBytes: Int { self.underway.load(ordering: .relaxed) + self.queued.load(ordering: .relaxed) }

    package func send(_ frame: Frame) {
        self.underway.wrappingAdd(frame.text.count, ordering: .relaxed)
        self.away.execute {
            self.underway.wrappingSubtract(frame.text.count, ordering: .relaxed)
            self.distant.send(frame)
            self.queued.store(self.distant.queuedBytes, ordering: .relaxed)
        }
    }

    package func close(code: UInt16, reason: String) {
        self.away.execute { self.distant.close(code: code, reason: reason) }
    }

    package func abort() {
        self.away.execute { self.distant.abort() }
    }
}

extension RelayTransport: TransportReceiver {
    package func transport(_ transport: any Transport, received message: UnsafeRawBufferPointer) {
        let bytes = Array(message)
        self.home.execute {
            bytes.withUnsafeBytes { self.receiver?.transport(self, received: $0) }
        }
    }

    package func transport(_ transport: any Transport, ended end: TransportEnd) {
        self.home.execute {
            let receiver = self.receiver
            self.receiver = nil
            receiver?.transport(self, ended: end)
        }
    }
}
