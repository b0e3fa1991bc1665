import PondCore
import PondNet
import PondRuntime

/// One connection while it speaks HTTP: reads requests, one at a time, and hands the socket over to what they begin.
///
/// It belongs to the channel's loop. The channel keeps it alive.
final class HTTPConnection {
    private enum State {
        /// Reads requests; can become `answering` or `over`.
        case reading
        /// One request waits for its answer, and what arrives waits too; can become `reading` or `over`.
        case answering
        /// The connection is closing, or belongs to someone else. Stays.
        case over
    }

    let channel: ByteChannel
    let context: HTTPLoopContext
    private var state = State.reading
    private var decoder: HTTPRequestDecoder
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    /// What arrived behind a request that is being answered.
    private var waiting: [UInt8] = []
    private var isReading = false
    /// The rest of what is being read; empty unless `isReading`.
    private var unread = UnsafeRawBufferPointer(start: nil, count: 0)
    private var deadline: TimerID?

    init(_ channel: ByteChannel, context: HTTPLoopContext) {
        self.channel = channel
        self.context = context
        self.decoder = HTTPRequestDecoder(context.settings.limits)
    }

    /// Begins to read; a request must be complete, and answered, within the handshake's time.
    func begin() {
        self.channel.receiver = self
        self.setDeadline(self.limits.handshakeTime)
    }

    var limits: Limits { self.context.settings.limits }
    var pond: PondSocket { self.context.settings.pond }

    // MARK: Reading

    private func read(_ bytes: UnsafeRawBufferPointer) {
        self.isReading = true
        self.unread = bytes
        do throws(HTTPFault) {
            while case .reading = self.state, let part = try self.decoder.next(&self.unread) {
                switch part {
                case .head(let head): self.begin(head)
                case .body(let bytes): self.body.append(contentsOf: bytes)
                case .end: self.end()
                }
            }
        } catch {
            self.refuse(error)
        }
        if case .answering = self.state {
            self.waiting.append(contentsOf: self.unread)
            self.channel.pauseReading()
        }
        self.unread = UnsafeRawBufferPointer(start: nil, count: 0)
        self.isReading = false
    }

    private func begin(_ head: HTTPRequestHead) {
        self.head = head
        guard head.minorVersion == 1, head.body != .none, let expect = head.headers["Expect"],
            HTTPHeaders.equal(expect, "100-continue")
        else { return }
        self.channel.write(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
    }

    private func end() {
        guard let head = self.head else { return }
        let body = self.body
        self.body = []
        self.state = .answering
        HTTPExchange(self, head, body).begin()
    }

    private func refuse(_ fault: HTTPFault) {
        self.answer(.text(fault.message, status: fault.status), closing: true)
    }

    // MARK: Answering

    /// Whether the request still waits for its answer.
    var isWaiting: Bool { if case .answering = self.state { true } else { false } }

    /// Sends the answer to the current request, or the last words of the connection.
    func answer(_ response: HTTPResponse, closing: Bool = false) {
        if case .over = self.state { return }
        let keepAlive = !closing && self.head?.keepAlive == true
        var headers = response.headers
        if !keepAlive {
            headers["Connection"] = "close"
        } else if self.head?.minorVersion == 0 {
            headers["Connection"] = "keep-alive"
        }
        if self.head?.method == "HEAD" {
            headers["Content-Length"] = String(response.body.count)
            self.channel.write(HTTPEncoder.responseHead(response.status, headers: headers))
        } else {
            self.channel.write(HTTPEncoder.response(response.status, headers: headers, body: response.body))
        }
        self.head = nil
        guard keepAlive else {
            self.stop()
            return self.channel.close(within: self.limits.closeTime)
        }
        self.state = .reading
        self.setDeadline(self.limits.idleTime)
        if !self.isReading { self.resume() }
    }

    private func resume() {
        let waiting = self.waiting
        self.waiting = []
        self.channel.resumeReading()
        guard !waiting.isEmpty else { return }
        self.setDeadline(self.limits.handshakeTime)
        waiting.withUnsafeBytes { self.read($0) }
    }

    /// Gives the channel away; the answer is what arrived behind the request.
    func handOver() -> [UInt8] {
        let rest = self.isReading ? Array(self.unread) : self.waiting
        self.stop()
        self.channel.resumeReading()
        return rest
    }

    private func stop() {
        self.state = .over
        self.waiting = []
        if let deadline = self.deadline { self.channel.loop.cancel(deadline) }
        self.deadline = nil
    }

    // MARK: Time

    private func setDeadline(_ time: Duration) {
        if let deadline = self.deadline, self.channel.loop.reschedule(deadline, after: time) { return }
        self.deadline = self.channel.loop.schedule(after: time) { [weak self] in
            self?.deadline = nil
            self?.deadlinePassed()
        }
    }

    private func deadlinePassed() {
        switch self.state {
        case .reading where self.decoder.isPartial:
            self.answer(.text("The request took too long", status: 408), closing: true)
        case .reading:
            self.stop()
            self.channel.close(within: self.limits.closeTime)
        case .answering:
            self.answer(.text("No answer in time", status: 503), closing: true)
        case .over:
            return
        }
    }
}

extension HTTPConnection: ByteChannelReceiver {
    func channel(_ channel: ByteChannel, received bytes: UnsafeMutableRawBufferPointer) {
        switch self.state {
        case .reading:
            // The time runs from a request's first byte on: one byte a second does not renew it.
            if !self.decoder.isPartial { self.setDeadline(self.limits.handshakeTime) }
            self.read(UnsafeRawBufferPointer(bytes))
        case .answering:
            self.waiting.append(contentsOf: bytes)
        case .over:
            return
        }
    }

    func channel(_ channel: ByteChannel, ended end: ByteChannelEnd) { self.stop() }
}
