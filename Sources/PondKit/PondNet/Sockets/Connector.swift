package import PondCore
package import PondRuntime

/// One attempt to reach a host: its addresses are tried one after another, overlapping, within a deadline.
///
/// It belongs to its loop and keeps itself alive until it is done.
package final class Connector {
    private enum State {
        /// Waits for addresses; can become `racing` or `done`.
        case resolving
        /// Attempts run; can become `securing` or `done`.
        case racing(ConnectionRace)
        /// An attempt won, and TLS is being agreed on; can become `done`.
        case securing(ByteChannel)
        /// The completion was called, or the attempt was cancelled.
        case done
    }

    private let loop: EventLoop
    private let name: String
    private let tls: (TLSClient, host: String)?
    private let limit: Duration
    private var state = State.resolving
    private var sockets: [ConnectingSocket] = []
    private var pause: TimerID?
    private var deadline: TimerID?
    private var completion: ((Result<ByteChannel, PondError>) -> Void)?

    private init(
        to name: String,
        tls: (TLSClient, host: String)?,
        on loop: EventLoop,
        within limit: Duration,
        completion: @escaping (Result<ByteChannel, PondError>) -> Void
    ) {
        self.loop = loop
        self.name = name
        self.tls = tls
        self.limit = limit
        self.completion = completion
    }

    /// Connects, and calls `completion` on the loop, never before this returns. Call on the loop.
    ///
    /// Set the channel's receiver in `completion`: reading begins when it returns.
    @discardableResult
    package static func connect(
        to host: String,
        port: Int,
        tls: TLSClient? = nil,
        on loop: EventLoop,
        deadline: Duration = .seconds(10),
        resolver: Resolver = .shared,
        completion: @escaping (Result<ByteChannel, PondError>) -> Void
    ) -> Connector {
        let connector = Connector(
            to: "\(host):\(port)",
            tls: tls.map { ($0, host) },
            on: loop,
            within: deadline,
            completion: completion
        )
        connector.startDeadline()
        let confined = LoopConfined(connector, to: loop)
        resolver.resolve(host, port: port, on: loop) { confined.value.resolved($0) }
        return connector
    }

    /// Connects to an address that is known, such as a Unix socket. Call on the loop.
    @discardableResult
    package static func connect(
        to address: SocketAddress,
        tls: TLSClient? = nil,
        on loop: EventLoop,
        deadline: Duration = .seconds(10),
        completion: @escaping (Result<ByteChannel, PondError>) -> Void
    ) -> Connector {
        let connector = Connector(
            to: address.description,
            tls: tls.map { ($0, address.host) },
            on: loop,
            within: deadline,
            completion: completion
        )
        connector.startDeadline()
        let confined = LoopConfined(connector, to: loop)
        loop.execute { confined.value.resolved(.success([address])) }
        return connector
    }

    /// Cancels the attempt; the completion is not called.
    package func cancel() {
        self.completion = nil
        self.finish()
    }

    private func startDeadline() {
        self.deadline = self.loop.schedule(after: self.limit) { self.fail("no answer in time", kind: .timeout) }
    }

    private func resolved(_ result: Result<[SocketAddress], PondError>) {
        guard case .resolving = self.state else { return }
        switch result {
        case .failure(let error):
            self.complete(.failure(error))
        case .success(let addresses):
            var race = ConnectionRace(addresses: addresses)
            let step = race.begin()
            self.state = .racing(race)
            self.take(step)
        }
    }

    private func take(_ first: ConnectionRace.Step) {
        var step = first
        while true {
            switch step {
            case .wait:
                return
            case .lost(let error):
                return self.fail(error.map { "\($0)" } ?? "no address", kind: .transport)
            case .attempt(let address, let pause):
                guard let failure = self.attempt(address) else { return self.schedulePause(pause) }
                guard let next = self.step({ $0.attemptFailed(failure) }) else { return }
                step = next
            }
        }
    }

    private func attempt(_ address: SocketAddress) -> SystemError? {
        let socket = ConnectingSocket(to: address, on: self.loop) { [unowned self] in self.attempted($0) }
        do throws(SystemError) {
            try socket.start()
            self.sockets.append(socket)
            return nil
        } catch {
            return error
        }
    }

    private func attempted(_ result: Result<ByteChannel, SystemError>) {
        switch result {
        case .success(let channel):
            self.won(channel)
        case .failure(let error):
            if let step = self.step({ $0.attemptFailed(error) }) { self.take(step) }
        }
    }

    private func won(_ channel: ByteChannel) {
        guard let (client, host) = self.tls else { return self.complete(.success(channel)) }
        let session: TLSSession
        do throws(TLSFault) {
            session = try client.session(for: host)
        } catch {
            channel.abort()
            return self.fail("TLS: \(error)", kind: .transport)
        }
        self.endRace()
        self.state = .securing(channel)
        channel.startTLS(session, within: self.limit) { [unowned self] end in
            guard case .securing(let channel) = self.state else { return }
            if let end { self.fail("\(end)", kind: .transport) } else { self.complete(.success(channel)) }
        }
    }

    private func step(_ event: (inout ConnectionRace) -> ConnectionRace.Step) -> ConnectionRace.Step? {
        guard case .racing(var race) = self.state else { return nil }
        let step = event(&race)
        self.state = .racing(race)
        return step
    }

    private func schedulePause(_ pause: Duration?) {
        if let running = self.pause { self.loop.cancel(running) }
        self.pause = pause.map { pause in
            self.loop.schedule(after: pause) {
                if let step = self.step({ $0.pauseEnded() }) { self.take(step) }
            }
        }
    }

    private func fail(_ reason: String, kind: PondError.Kind) {
        let code = kind == .timeout ? 504 : 503
        let message = "Cannot connect to \(self.name): \(reason)"
        self.complete(.failure(PondError(code: code, kind: kind, message: message, temporary: true)))
    }

    private func complete(_ result: Result<ByteChannel, PondError>) {
        let completion = self.completion
        self.completion = nil
        switch result {
        case .success(let channel):
            self.finish(keepsChannel: true)
            completion?(result)
            channel.activate()
        case .failure:
            self.finish()
            completion?(result)
        }
    }

    private func finish(keepsChannel: Bool = false) {
        let state = self.state
        self.state = .done
        self.endRace()
        if let deadline = self.deadline { self.loop.cancel(deadline) }
        self.deadline = nil
        if case .securing(let channel) = state, !keepsChannel { channel.abort() }
    }

    private func endRace() {
        for socket in self.sockets { socket.cancel() }
        self.sockets = []
        if let pause = self.pause { self.loop.cancel(pause) }
        self.pause = nil
    }
}
