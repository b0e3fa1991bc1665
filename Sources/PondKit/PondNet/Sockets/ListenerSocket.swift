internal import Glibc
import PondRuntime

/// One listening socket on one loop.
///
/// When descriptors run out, a reserved one is spent to take the waiting connection and refuse it, so that the peer
/// learns of it and the loop does not spin; then the loop looks again after a pause.
final class ListenerSocket {
    private static let acceptsPerEvent = 64
    private static let pauseTime: Duration = .milliseconds(100)

    private let loop: EventLoop
    private let gate: ConnectionGate?
    private let tls: TLSServer?
    private let handshakeTime: Duration
    private let accepted: (ByteChannel) -> Void
    private let events: PollEvents
    private var descriptor: Int32
    private var reserve: Int32
    private var pausing: TimerID?

    init(
        descriptor: Int32,
        loop: EventLoop,
        isShared: Bool,
        gate: ConnectionGate?,
        tls: TLSServer?,
        handshakeTime: Duration,
        accepted: @escaping (ByteChannel) -> Void
    ) {
        self.descriptor = descriptor
        self.loop = loop
        self.gate = gate
        self.tls = tls
        self.handshakeTime = handshakeTime
        self.accepted = accepted
        self.events = isShared ? [.readable, .exclusive] : .readable
        self.reserve = System.openNothing()
    }

    func start() throws(SystemError) { try self.loop.watch(self.descriptor, for: self.events, self) }

    func close() {
        if let pausing = self.pausing { self.loop.cancel(pausing) }
        self.pausing = nil
        guard self.descriptor >= 0 else { return }
        self.loop.unwatch(self.descriptor)
        System.close(self.descriptor)
        System.close(self.reserve)
        self.descriptor = -1
        self.reserve = -1
    }

    private func accept() {
        for _ in 0..<Self.acceptsPerEvent {
            let connection: (descriptor: Int32, peer: SocketAddress)
            do throws(SystemError) {
                connection = try System.accept(self.descriptor)
            } catch SystemError.wouldBlock {
                return
            } catch  where Self.concernsOneConnection(error) {
                continue
            } catch {
                return self.pause()
            }
            self.admit(connection.descriptor, connection.peer)
        }
    }

    private func admit(_ descriptor: Int32, _ peer: SocketAddress) {
        if let gate = self.gate, !gate.admit(peer) {
            System.setCutOnClose(descriptor)
            System.close(descriptor)
            return
        }
        if peer.port != nil { System.setNoDelay(descriptor) }
        let channel = ByteChannel(descriptor: descriptor, remoteAddress: peer, loop: self.loop, gate: self.gate)
        if let tls = self.tls { return self.secure(channel, tls) }
        self.accepted(channel)
        channel.activate()
    }

    private func secure(_ channel: ByteChannel, _ tls: TLSServer) {
        guard let session = try? tls.session() else { return channel.abort() }
        let accepted = self.accepted
        channel.startTLS(session, within: self.handshakeTime) { [unowned channel] end in
            guard end == nil else { return }
            accepted(channel)
            channel.activate()
        }
    }

    /// Errors of the network that wait on a connection are reported by accept(2); the next one may be well.
    private static func concernsOneConnection(_ error: SystemError) -> Bool {
        switch error.code {
        case ECONNABORTED, EPROTO, ENOPROTOOPT, EOPNOTSUPP, EPERM: true
        case ENETDOWN, ENETUNREACH, EHOSTDOWN, EHOSTUNREACH, ENONET, ETIMEDOUT: true
        default: false
        }
    }

    /// Descriptors or memory have run out.
    private func pause() {
        System.close(self.reserve)
        if let waiting = try? System.accept(self.descriptor) {
            System.setCutOnClose(waiting.descriptor)
            System.close(waiting.descriptor)
        }
        self.reserve = System.openNothing()
        self.loop.unwatch(self.descriptor)
        self.resumeLater()
    }

    /// The timer keeps this alive while the loop's registration does not.
    private func resumeLater() {
        self.pausing = self.loop.schedule(after: Self.pauseTime) { self.resume() }
    }

    private func resume() {
        self.pausing = nil
        do throws(SystemError) {
            try self.start()
        } catch {
            self.resumeLater()
        }
    }
}

extension ListenerSocket: Pollable {
    func pollReady(_ events: PollEvents) { self.accept() }

    func pollStopped() { self.close() }
}
