internal import Glibc
package import PondCore
package import PondRuntime

/// Takes connections on one address for a number of loops.
///
/// Over TCP each loop has its own socket and the kernel spreads connections over them; the loops share a Unix socket.
package final class Listener: Sendable {
    /// The address it listens on, with the port that was really given.
    package let address: SocketAddress

    private let sockets: [(loop: EventLoop, socket: LoopConfined<ListenerSocket>)]

    private init(address: SocketAddress, sockets: [(loop: EventLoop, socket: LoopConfined<ListenerSocket>)]) {
        self.address = address
        self.sockets = sockets
    }

    /// Listens on an IP address or a Unix socket; `accepted` is called on the loop that will own the channel.
    ///
    /// With TLS that is when the handshake is done. Set the channel's receiver in `accepted`: reading begins when it
    /// returns.
    package static func listen(
        on address: SocketAddress,
        loops: [EventLoop],
        gate: ConnectionGate? = nil,
        tls: TLSServer? = nil,
        handshakeTime: Duration = Limits.default.handshakeTime,
        backlog: Int = 1024,
        accepted: @escaping @Sendable (ByteChannel) -> Void
    ) async throws(PondError) -> Listener {
        let descriptors: [Int32]
        let bound: SocketAddress
        do throws(SystemError) {
            (descriptors, bound) = try Self.open(address, count: loops.count, backlog: Int32(clamping: backlog))
        } catch {
            throw PondError.unavailable("Cannot listen on \(address): \(error)")
        }
        var sockets: [(loop: EventLoop, socket: LoopConfined<ListenerSocket>)] = []
        var failure: (any Error)?
        for (loop, descriptor) in zip(loops, descriptors) {
            if failure != nil {
                System.close(descriptor)
                continue
            }
            let isShared = bound.port == nil && loops.count > 1
            do {
                let socket = try await loop.run {
                    let socket = ListenerSocket(
                        descriptor: descriptor,
                        loop: loop,
                        isShared: isShared,
                        gate: gate,
                        tls: tls,
                        handshakeTime: handshakeTime,
                        accepted: accepted
                    )
                    try socket.start()
                    return LoopConfined(socket, to: loop)
                }
                sockets.append((loop, socket))
            } catch {
                failure = error
            }
        }
        let listener = Listener(address: bound, sockets: sockets)
        if let failure {
            await listener.close()
            throw PondError.unavailable("Cannot listen on \(address): \(failure)")
        }
        return listener
    }

    /// Takes no more connections; those it took live on.
    package func close() async {
        for (loop, socket) in self.sockets {
            // A loop that has stopped closed its socket then.
            try? await loop.run { socket.value.close() }
        }
        if case .unix(let path) = self.address.storage { System.removeFile(path) }
    }

    private static func open(
        _ address: SocketAddress,
        count: Int,
        backlog: Int32
    ) throws(SystemError) -> ([Int32], SocketAddress) {
        if case .unix(let path) = address.storage { Self.removeStale(path, address) }
        var descriptors: [Int32] = []
        var bound = address
        do throws(SystemError) {
            // The first has the port for itself for a moment: sharing would also join a stranger's socket silently.
            let probe = try Self.bound(to: address, sharing: false)
            descriptors.append(probe)
            bound = try System.localAddress(of: probe)
            if address.port == nil {
                for _ in 1..<max(count, 1) { descriptors.append(try System.duplicate(probe)) }
            } else if count > 1 {
                System.close(descriptors.removeLast())
                for _ in 0..<count { descriptors.append(try Self.bound(to: bound, sharing: true)) }
            }
            for descriptor in descriptors { try System.listen(descriptor, backlog: backlog) }
        } catch {
            for descriptor in descriptors { System.close(descriptor) }
            throw error
        }
        return (descriptors, bound)
    }

    private static func bound(to address: SocketAddress, sharing: Bool) throws(SystemError) -> Int32 {
        let descriptor = try System.socket(address.family)
        do throws(SystemError) {
            if address.port != nil {
                System.set(SO_REUSEADDR, to: 1, on: descriptor)
                if sharing { System.set(SO_REUSEPORT, to: 1, on: descriptor) }
            }
            try System.bind(descriptor, to: address)
            return descriptor
        } catch {
            System.close(descriptor)
            throw error
        }
    }

    /// A socket file that nobody listens on any more is in the way; one that somebody does is left alone.
    private static func removeStale(_ path: String, _ address: SocketAddress) {
        guard let descriptor = try? System.socket(address.family) else { return }
        defer { System.close(descriptor) }
        do throws(SystemError) {
            try System.connect(descriptor, to: address)
        } catch SystemError(code: ECONNREFUSED) {
            System.removeFile(path)
        } catch {
            return
        }
    }
}
