internal import Glibc
import PondRuntime

/// One attempt to reach one address.
final class ConnectingSocket {
    private let loop: EventLoop
    private let address: SocketAddress
    private var descriptor: Int32 = -1
    private var isWatched = false
    private var completion: ((Result<ByteChannel, SystemError>) -> Void)?

    init(
        to address: SocketAddress,
        on loop: EventLoop,
        completion: @escaping (Result<ByteChannel, SystemError>) -> Void
    ) {
        self.loop = loop
        self.address = address
        self.completion = completion
    }

    deinit { self.cancel() }

    /// Begins; throws when it failed at once, and then `completion` is not called.
    func start() throws(SystemError) {
        self.descriptor = try System.socket(self.address.family)
        if self.address.port != nil { System.setNoDelay(self.descriptor) }
        do throws(SystemError) {
            try System.connect(self.descriptor, to: self.address)
        } catch SystemError.inProgress {
            // The usual case: the socket becomes writable when it is decided.
        }
        try self.loop.watch(self.descriptor, for: .writable, self)
        self.isWatched = true
    }

    func cancel() {
        self.completion = nil
        guard self.descriptor >= 0 else { return }
        if self.isWatched { self.loop.unwatch(self.descriptor) }
        System.close(self.descriptor)
        self.descriptor = -1
    }

    private func finish() {
        guard let completion = self.completion else { return }
        if let error = System.pendingError(of: self.descriptor) {
            self.cancel()
            completion(.failure(error))
        } else {
            self.completion = nil
            self.loop.unwatch(self.descriptor)
            let channel = ByteChannel(descriptor: self.descriptor, remoteAddress: self.address, loop: self.loop)
            self.descriptor = -1
            completion(.success(channel))
        }
    }
}

extension ConnectingSocket: Pollable {
    func pollReady(_ events: PollEvents) { self.finish() }

    func pollStopped() {
        let completion = self.completion
        self.cancel()
        completion?(.failure(SystemError(code: ECANCELED)))
    }
}
