package import PondCore
import PondRuntime

/// Messages over an event stream as the client: they come down the stream, and go up one by one in requests.
///
/// It belongs to the channel's loop. Requests go over a second connection, which is opened when there is something to
/// send and kept as long as the server keeps it.
package final class SSEClientTransport: LivenessTransport {
    package let kind = TransportKind.serverSentEvents
    package var receiver: (any TransportReceiver)? {
        didSet { if self.receiver != nil { self.deliverEarly() } }
    }
    package var whenPonged: (() -> Void)?
    package var whenHeard: (() -> Void)?

    /// Opens a byte channel to the server.
    package typealias Dial = (@escaping (Result<ByteChannel, PondError>) -> Void) -> Void

    private let channel: ByteChannel
    private let limits: Limits
    private var response: HTTPResponseDecoder
    private var events: SSEDecoder
    private let uplink: SSEUplink
    private var isOpen = true
    /// What arrived before there was a receiver.
    private var early: [[UInt8]] = []
    private var closing: TransportEnd?
    private var deadline: TimerID?

    /// Takes over a channel on which the response's head has been read.
    init(_ channel: ByteChannel, response: HTTPResponseDecoder, limits: Limits, uplink: SSEUplink) {
        self.channel = channel
        self.limits = limits
        self.response = response
        self.events = SSEDecoder(maximumBytes: limits.messageBytes + limits.messageMarginBytes)
        self.uplink = uplink
    }

    /// Starts reading the stream, after the bytes that had come behind the response's head.
    func begin(after bytes: [UInt8]) {
        self.channel.receiver = self
        self.uplink.whenFailed = { [weak self] in self?.fail($0) }
        self.uplink.whenTooLarge = { [weak self] in self?.refuse($0) }
        bytes.withUnsafeBytes { self.receive($0) }
    }

    package var queuedBytes: Int { self.uplink.queuedBytes }

    /// A stream has no pings; the server's keepalives are its signs of life.
    package var answersPings: Bool { false }

    package func ping() {}

    package func send(_ frame: Frame) {
        guard self.isOpen else { return }
        self.uplink.post(frame.text)
        guard self.uplink.queuedBytes > self.limits.outboundBytes else { return }
        self.channel.loop.atEndOfTurn { self.fail("Too slow: outbound queue full", code: 1013) }
    }

    package func close(code: UInt16, reason: String) {
        guard self.isOpen else { return }
        self.closing = TransportEnd(code: code, reason: reason, clean: true)
        self.isOpen = false
        // The server ends the stream when it has heard of it.
        self.uplink.leave()
        self.deadline = self.channel.loop.schedule(after: self.limits.closeTime) { [weak self] in self?.abort() }
    }

    package func abort() {
        self.isOpen = false
        self.uplink.abort()
        self.channel.abort()
    }

    /// The server refused a request for its size: the receiver gets the error that answers the message.
    private func refuse(_ message: [UInt8]) {
        guard self.isOpen, let message = try? message.withUnsafeBytes({ try ClientMessage(parsing: $0) }) else {
            return
        }
        let answer = ServerMessage(
            action: .error,
            event: ErrorType.channelError.rawValue,
            channelName: message.channelName,
            requestId: message.requestId,
            payload: [
                "code": .string(ErrorType.channelError.rawValue), "status": 413,
                "message": "The message is over the server's limit",
            ]
        )
        answer.encoded().withUnsafeBytes { self.receiver?.transport(self, received: $0) }
    }

    private func fail(_ reason: String, code: UInt16 = 1006) {
        guard self.isOpen else { return }
        self.isOpen = false
        self.uplink.abort()
        self.channel.close(within: self.limits.closeTime)
        self.tell(TransportEnd(code: code, reason: reason, clean: false))
    }

    private func tell(_ end: TransportEnd) {
        let receiver = self.receiver
        self.receiver = nil
        self.whenPonged = nil
        self.whenHeard = nil
        receiver?.transport(self, ended: end)
    }

    // MARK: Receiving

    private func receive(_ bytes: UnsafeRawBufferPointer) {
        guard self.isOpen else { return }
        var input = bytes
        do {
            while let part = try self.response.next(&input) {
                switch part {
                case .head: continue
                case .body(let bytes): try self.receive(events: bytes)
                case .end: return self.fail("The server ended the stream")
                }
            }
        } catch let fault as HTTPFault {
            self.fail(fault.message)
        } catch {
            self.fail("The server sent too large an event", code: 1009)
        }
    }

    private func receive(events bytes: UnsafeRawBufferPointer) throws(SSEDecoder.TooLarge) {
        var input = bytes
        var isMessage = false
        while self.isOpen, let event = try self.events.next(&input) {
            isMessage = true
            guard self.receiver != nil else {
                self.early.append(event.data)
                continue
            }
            event.data.withUnsafeBytes { self.receiver?.transport(self, received: $0) }
        }
        if !isMessage { self.whenHeard?() }
    }

    private func deliverEarly() {
        let early = self.early
        self.early = []
        for message in early { message.withUnsafeBytes { self.receiver?.transport(self, received: $0) } }
    }
}

extension SSEClientTransport: ByteChannelReceiver {
    package func channel(_ channel: ByteChannel, received bytes: UnsafeMutableRawBufferPointer) {
        self.receive(UnsafeRawBufferPointer(bytes))
    }

    package func channelInputEnded(_ channel: ByteChannel) {
        channel.close(within: self.limits.closeTime)
        self.fail("The server ended the stream")
    }

    package func channel(_ channel: ByteChannel, ended end: ByteChannelEnd) {
        self.isOpen = false
        if let deadline = self.deadline { channel.loop.cancel(deadline) }
        self.uplink.abort()
        self.tell(self.closing ?? TransportEnd(code: 1006, reason: end.description, clean: false))
    }
}
