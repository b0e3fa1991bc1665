internal import CPondSys
internal import Glibc
package import PondCore

/// Signals as events of a loop.
///
/// Call `block` before anything else in `main`: a thread that was there before still takes the signal itself.
package final class SignalWatcher: Sendable {
    private let loop: EventLoop
    private let socket: LoopConfined<Descriptor>

    private init(loop: EventLoop, socket: LoopConfined<Descriptor>) {
        self.loop = loop
        self.socket = socket
    }

    /// Keeps the signals from doing what they do by default, in this thread and those it starts.
    package static func block(_ signals: [Int32]) {
        var set = Self.set(of: signals)
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// Calls `body` on the loop for every one of these signals that arrives.
    package static func watch(
        _ signals: [Int32],
        on loop: EventLoop,
        _ body: @escaping @Sendable (Int32) -> Void
    ) async throws(PondError) -> SignalWatcher {
        do {
            let socket = try await loop.run {
                let socket = try Descriptor(signals, on: loop, body)
                return LoopConfined(socket, to: loop)
            }
            return SignalWatcher(loop: loop, socket: socket)
        } catch {
            throw PondError.internalError("Cannot watch signals: \(error)")
        }
    }

    /// Stops watching; the signals stay blocked.
    package func stop() async {
        let socket = self.socket
        // A loop that has stopped closed the descriptor then.
        try? await self.loop.run { socket.value.close() }
    }

    private static func set(of signals: [Int32]) -> sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal) }
        return set
    }

    private final class Descriptor: Pollable {
        private let loop: EventLoop
        private let body: (Int32) -> Void
        private var descriptor: Int32

        init(_ signals: [Int32], on loop: EventLoop, _ body: @escaping (Int32) -> Void) throws(SystemError) {
            var set = SignalWatcher.set(of: signals)
            pthread_sigmask(SIG_BLOCK, &set, nil)
            self.loop = loop
            self.body = body
            self.descriptor = try System.check(signalfd(-1, &set, Int32(SFD_NONBLOCK | SFD_CLOEXEC)))
            do throws(SystemError) {
                try loop.watch(self.descriptor, for: .readable, self)
            } catch {
                System.close(self.descriptor)
                throw error
            }
        }

        func close() {
            guard self.descriptor >= 0 else { return }
            self.loop.unwatch(self.descriptor)
            System.close(self.descriptor)
            self.descriptor = -1
        }

        func pollReady(_ events: PollEvents) {
            var info = signalfd_siginfo()
            while self.descriptor >= 0 {
                let count = withUnsafeMutableBytes(of: &info) { bytes in
                    read(self.descriptor, bytes.baseAddress, bytes.count)
                }
                guard count == MemoryLayout<signalfd_siginfo>.size else { return }
                self.body(Int32(bitPattern: info.ssi_signo))
            }
        }

        func pollStopped() { self.close() }
    }
}
