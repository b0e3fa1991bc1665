import PondCore
import PondRuntime

/// The requests of an event stream's client, sent one after the other so that their order holds.
///
/// It belongs to one loop.
final class SSEUplink {
    /// Called when messages could not be sent; nothing more is sent.
    var whenFailed: ((String) -> Void)?
    /// Called when the server refused one message because of its size; what is behind it is sent.
    var whenTooLarge: (([UInt8]) -> Void)?
    /// Bytes of messages that the server has not answered.
    private(set) var queuedBytes = 0

    private enum State {
        /// No connection; can become `dialling`.
        case idle
        /// Waits for a connection; can become `ready`.
        case dialling
        /// Requests go over this connection, and one may wait for its answer; can become `idle`.
        case ready(ByteChannel, isWaiting: Bool)
        /// Nothing more is sent. Final.
        case over
    }

    private enum Item {
        case message([UInt8])
        case leave
    }

    private var state = State.idle
    private var items = Queue<Item>()
    private var decoder: HTTPResponseDecoder
    private var answer: HTTPResponseHead?
    private let dial: SSEClientTransport.Dial
    private let target: String
    private let headers: HTTPHeaders
    private let loop: EventLoop
    /// How long the server may take to answer a request while no bytes of it go out.
    private let answerTime: Duration
    private var deadline: TimerID?

    init(
        target: String,
        headers: HTTPHeaders,
        on loop: EventLoop,
        answerTime: Duration,
        dial: @escaping SSEClientTransport.Dial
    ) {
        self.target = target
        self.headers = headers
        self.loop = loop
        self.answerTime = answerTime
        self.dial = dial
        self.decoder = Self.makeDecoder()
    }

    func post(_ message: [UInt8]) {
        if case .over = self.state { return }
        self.queuedBytes += message.count
        self.items.append(.message(message))
        self.proceed()
    }

    /// Says goodbye when everything is sent.
    func leave() {
        if case .over = self.state { return }
        self.whenFailed = nil
        self.whenTooLarge = nil
        self.items.append(.leave)
        self.proceed()
    }

    func abort() {
        self.cancelDeadline()
        let state = self.state
        self.state = .over
        self.items.removeAll()
        self.queuedBytes = 0
        self.whenFailed = nil
        self.whenTooLarge = nil
        if case .ready(let channel, _) = state { channel.abort() }
    }

    private static func makeDecoder() -> HTTPResponseDecoder {
        HTTPResponseDecoder(maximumHeadBytes: 16 * 1024, maximumFields: 100, maximumBodyBytes: 64 * 1024)
    }

    private func proceed() {
        guard let item = self.items.first else { return }
        switch self.state {
        case .idle:
            self.state = .dialling
            self.dial { self.dialled($0) }
        case .ready(let channel, isWaiting: false):
            self.state = .ready(channel, isWaiting: true)
            self.write(item, to: channel)
            self.awaitAnswer(from: channel, unsent: channel.queuedBytes)
        case .ready, .dialling, .over:
            return
        }
    }

    private func dialled(_ result: Result<ByteChannel, PondError>) {
        guard case .dialling = self.state else {
            if case .success(let channel) = result { channel.abort() }
            return
        }
        switch result {
        case .success(let channel):
            channel.receiver = self
            self.decoder = Self.makeDecoder()
            self.state = .ready(channel, isWaiting: false)
            self.proceed()
        case .failure(let error):
            self.fail(error.message)
        }
    }

    private func write(_ item: Item, to channel: ByteChannel) {
        var headers = self.headers
        switch item {
        case .message(let bytes):
            headers["Content-Type"] = "application/json"
            headers["Content-Length"] = String(bytes.count)
            channel.write(HTTPEncoder.requestHead("POST", target: self.target, headers: headers))
            channel.write(bytes)
        case .leave:
            channel.write(HTTPEncoder.requestHead("DELETE", target: self.target, headers: headers))
        }
    }

    /// Fails when no answer comes: the stream may be alive while the connection of the requests is not.
    private func awaitAnswer(from channel: ByteChannel, unsent: Int) {
        self.deadline = self.loop.schedule(after: self.answerTime) { [weak self] in
            guard let self else { return }
            self.deadline = nil
            let stillUnsent = channel.queuedBytes
            // A long message on a slow network is no failure while its bytes go out.
            guard stillUnsent >= unsent else { return self.awaitAnswer(from: channel, unsent: stillUnsent) }
            self.fail("The server did not answer a request in time")
        }
    }

    private func cancelDeadline() {
        if let deadline = self.deadline { self.loop.cancel(deadline) }
        self.deadline = nil
    }

    private func answered() {
        guard case .ready(let channel, isWaiting: true) = self.state, let answer = self.answer else { return }
        self.answer = nil
        self.cancelDeadline()
        let item = self.items.popFirst()
        if case .message(let bytes) = item {
            self.queuedBytes -= bytes.count
            if answer.status == 413 {
                self.whenTooLarge?(bytes)
                return self.finish(channel, keepAlive: answer.keepAlive)
            }
        }
        guard answer.status / 100 == 2 else { return self.fail("The server answered \(answer.status)") }
        if case .leave = item {
            self.state = .over
            return channel.close()
        }
        self.finish(channel, keepAlive: answer.keepAlive)
    }

    /// One request has ended: sends the next.
    private func finish(_ channel: ByteChannel, keepAlive: Bool) {
        guard case .ready = self.state else { return }
        self.state = keepAlive ? .ready(channel, isWaiting: false) : .idle
        if !keepAlive { channel.close() }
        self.proceed()
    }

    private func fail(_ reason: String) {
        let whenFailed = self.whenFailed
        self.abort()
        whenFailed?(reason)
    }
}

extension SSEUplink: ByteChannelReceiver {
    func channel(_ channel: ByteChannel, received bytes: UnsafeMutableRawBufferPointer) {
        var input = UnsafeRawBufferPointer(bytes)
        do throws(HTTPFault) {
            while case .ready(let current, _) = self.state, current === channel,
                let part = try self.decoder.next(&input)
            {
                switch part {
                case .head(let head): self.answer = head
                case .body: continue
                case .end: self.answered()
                }
            }
        } catch {
            self.fail(error.message)
        }
    }

    func channel(_ channel: ByteChannel, ended end: ByteChannelEnd) {
        guard case .ready(let current, let isWaiting) = self.state, current === channel else { return }
        self.state = .idle
        self.cancelDeadline()
        guard isWaiting else { return }
        // Whether the server took the message is not known: sending it again could double it.
        self.fail("The server did not answer: \(end)")
    }
}
