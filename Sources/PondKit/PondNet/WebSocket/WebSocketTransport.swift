package import PondCore
import PondRuntime

/// Messages over a WebSocket, as the server or as the client, on a byte channel whose upgrade is done.
///
/// It belongs to the channel's loop. The channel keeps it alive until the end was told.
package final class WebSocketTransport: LivenessTransport, SharingTransport {
    package var receiver: (any TransportReceiver)?

    private enum State {
        /// Messages go both ways; can become `closing` or `over`.
        case open
        /// This side said goodbye and waits for the peer to say so too; can become `over`.
        case closing
        /// The end was told, or is about to be; what is queued is still written.
        case over
    }

    // There may be very many of these: what a connection does not need while it is idle is not in here.
    private let channel: ByteChannel
    private let context: WebSocketContext
    private var extras: WebSocketExtras?
    /// What reads a message that is not over, or messages that refer to earlier ones.
    private var reader: WebSocketReader?
    private var control: CompactBucket
    private var lastHeard: MonotonicTime
    private var liveness = TimerID.none
    private let role: WebSocketRole
    private let isCompressing: Bool
    private let isInflating: Bool
    private var state = State.open

    /// Takes the channel over; call `begin` when the receiver is set.
    package init(
        _ channel: ByteChannel,
        role: WebSocketRole,
        context: WebSocketContext,
        deflate: DeflateParameters? = nil
    ) {
        let limits = context.limits
        self.channel = channel
        self.role = role
        self.context = context
        self.isCompressing = deflate != nil && context.deflate != nil
        self.lastHeard = channel.loop.now
        self.control = CompactBucket(capacity: Self.controlBurst(limits), now: channel.loop.now)
        let inflater = deflate.flatMap { context.makeInflater($0, role: role) }
        self.isInflating = inflater != nil
        if let deflate, let deflater = context.makeDeflater(deflate, role: role) {
            self.needExtras().deflater = deflater
        }
        if role == .client || inflater?.keepsContext == true {
            self.reader = WebSocketReader(role: role, limits: limits, inflater: inflater, isShared: false)
        }
    }

    package var kind: TransportKind { .webSocket }

    private func needExtras() -> WebSocketExtras {
        if let extras = self.extras { return extras }
        let extras = WebSocketExtras()
        self.extras = extras
        return extras
    }

    private var isOpen: Bool { self.state == .open }

    /// Takes binary messages; without it the receiver gets them as it gets texts, except that they may not be UTF-8.
    package var receivedBinary: ((UnsafeRawBufferPointer) -> Void)? {
        get { self.extras?.receivedBinary }
        set { if newValue != nil || self.extras != nil { self.needExtras().receivedBinary = newValue } }
    }

    package var whenPonged: (() -> Void)? {
        get { self.extras?.whenPonged }
        set { if newValue != nil || self.extras != nil { self.needExtras().whenPonged = newValue } }
    }

    package var whenHeard: (() -> Void)? {
        get { self.extras?.whenHeard }
        set { if newValue != nil || self.extras != nil { self.needExtras().whenHeard = newValue } }
    }

    /// Starts reading from the channel, after the bytes that had come behind the handshake.
    package func begin(after bytes: [UInt8] = []) {
        self.channel.receiver = self
        if self.role == .server, self.isOpen {
            self.channel.takeShared(
                below: self.isCompressing ? self.minimumCompressedBytes : nil,
                bound: self.context.limits.outboundBytes
            )
        }
        self.watch()
        var bytes = bytes
        bytes.withUnsafeMutableBytes { if !$0.isEmpty { self.receive($0) } }
    }

    package var queuedBytes: Int { self.channel.queuedBytes }

    package var lane: OutboundLane { self.channel.lane }

    private var minimumCompressedBytes: Int {
        self.isCompressing ? self.context.deflate?.minimumBytes ?? .max : .max
    }

    // MARK: Sending

    package func send(_ frame: Frame) {
        self.channel.loop.checkCurrent("Transport.send(_:)")
        guard self.isOpen else { return }
        let size = frame.text.count
        if self.channel.queuedBytes + size > self.context.limits.outboundBytes, !self.makeRoom(size) {
            return self.overflow()
        }
        if size >= self.minimumCompressedBytes {
            self.sendCompressed(frame)
        } else if self.role == .server {
            self.channel.write(sharedBy: frame, variant: 0, maximum: size + WebSocketFrameEncoder.maximumHeaderBytes) {
                WebSocketFrameEncoder.write(.text, frame.text, to: $0)
            }
        } else {
            self.write(.text, frame.text)
        }
    }

    package func send(_ message: ServerMessage) {
        self.channel.loop.checkCurrent("Transport.send(_:)")
        guard self.isOpen, self.channel.isOpen else { return }
        guard self.role == .server, let size = message.plainCount, size < self.minimumCompressedBytes else {
            return self.send(message.frame())
        }
        if self.channel.queuedBytes + size > self.context.limits.outboundBytes, !self.makeRoom(size) {
            return self.overflow()
        }
        let maximum = size + WebSocketFrameEncoder.maximumHeaderBytes
        let space = self.channel.room(maximum)
        let header = WebSocketFrameEncoder.writeHeader(
            .text,
            length: size,
            to: UnsafeMutableRawBufferPointer(start: space, count: maximum)
        )
        message.writePlain(to: space + header)
        self.channel.queue(header + size)
    }

    /// Sends bytes as one binary message.
    package func sendBinary(_ bytes: [UInt8]) {
        guard self.isOpen else { return }
        self.write(.binary, bytes)
    }

    private func sendCompressed(_ frame: Frame) {
        if let deflater = self.extras?.deflater {
            let bytes = frame.text.compressed(by: deflater)
            self.write(.text, bytes ?? frame.text, isCompressed: bytes != nil)
        } else if let bytes = self.context.compressed(frame), self.role == .server {
            let maximum = bytes.count + WebSocketFrameEncoder.maximumHeaderBytes
            self.channel.write(sharedBy: frame, variant: 1, maximum: maximum) {
                WebSocketFrameEncoder.write(.text, bytes, isCompressed: true, to: $0)
            }
        } else {
            let bytes = self.context.compressed(frame)
            self.write(.text, bytes ?? frame.text, isCompressed: bytes != nil)
        }
    }

    private func write(_ opcode: WebSocketOpcode, _ payload: [UInt8], isCompressed: Bool = false) {
        let mask = self.role == .client ? WebSocketMask.random() : nil
        self.channel.write(maximum: payload.count + WebSocketFrameEncoder.maximumHeaderBytes) {
            WebSocketFrameEncoder.write(opcode, payload, isCompressed: isCompressed, mask: mask, to: $0)
        }
    }

    /// Whether there is room once the peer was offered what this turn queued; one message always finds it.
    private func makeRoom(_ size: Int) -> Bool {
        self.channel.flush()
        let queued = self.channel.queuedBytes
        return queued == 0 || queued + size <= self.context.limits.outboundBytes
    }

    private func overflow() {
        let end = TransportEnd(code: 1013, reason: "Too slow: outbound queue full", clean: false)
        self.say(end.code, end.reason)
        self.stop()
        self.channel.close(within: self.context.limits.closeTime)
        // Whoever sends is in the midst of sending to others, too.
        self.channel.loop.atEndOfTurn { self.tell(end) }
    }

    // MARK: The end

    package func close(code: UInt16, reason: String) {
        self.channel.loop.checkCurrent("Transport.close(code:reason:)")
        guard case .open = self.state else { return }
        self.say(code, reason)
        self.channel.refuseShared()
        self.state = .closing
        self.needExtras().goodbye = (code, reason)
        self.channel.loop.cancel(self.liveness)
        self.liveness = self.channel.loop.schedule(after: self.context.limits.closeTime) { self.closingTookTooLong() }
    }

    package func abort() {
        self.channel.loop.checkCurrent("Transport.abort()")
        self.stop()
        self.channel.abort()
    }

    private func closingTookTooLong() {
        self.liveness = .none
        guard self.state == .closing, let (code, reason) = self.extras?.goodbye else { return }
        self.stop()
        self.channel.abort()
        self.tell(TransportEnd(code: code, reason: reason, clean: false))
    }

    private func say(_ code: UInt16, _ reason: String) {
        let mask = self.role == .client ? WebSocketMask.random() : nil
        self.channel.write(WebSocketFrameEncoder.close(code: code, reason: reason, mask: mask))
    }

    /// The transport has ended: no more messages in either direction.
    private func stop() {
        self.channel.refuseShared()
        self.state = .over
        self.extras?.owedPong = nil
        self.extras?.putOff = []
        if let reader = self.reader { self.forgetUnfinished(reader) }
        self.channel.loop.cancel(self.liveness)
        self.liveness = .none
    }

    private func tell(_ end: TransportEnd) {
        let receiver = self.receiver
        self.receiver = nil
        self.extras = nil
        receiver?.transport(self, ended: end)
    }

    // MARK: Receiving

    private func receive(_ bytes: UnsafeMutableRawBufferPointer) {
        guard self.state != .over else { return }
        self.lastHeard = self.channel.loop.now
        var bytes = bytes
        if self.reader == nil, self.role == .server, self.receivedTexts(&bytes) { return }
        let reader = self.reader ?? self.context.takeReader(inflates: self.isInflating)
        self.read(bytes, reader)
        if self.state == .over {
            self.reader = nil
        } else if reader.isShared, reader.machine.pointee.isAtRest {
            self.reader = nil
            self.forgetUnfinished(reader)
            self.context.giveBack(reader)
        } else {
            self.reader = reader
            self.countUnfinished(reader)
        }
    }

    /// Counts what is held of a message that is not over.
    private func countUnfinished(_ reader: WebSocketReader) {
        let held = reader.machine.pointee.heldBytes
        guard held >= UnfinishedMessages<WebSocketTransport>.notable else { return self.forgetUnfinished(reader) }
        reader.isCounted = true
        self.context.unfinished.holds(self, held)
        while let first = self.context.unfinished.oneTooMany(bound: self.context.limits.unfinishedBytes) {
            first.giveUp()
        }
    }

    private func forgetUnfinished(_ reader: WebSocketReader) {
        guard reader.isCounted else { return }
        reader.isCounted = false
        self.context.unfinished.forget(self)
    }

    /// The connections of the loop hold too much, and this one began first.
    private func giveUp() {
        self.fail(.tooMuchUnfinished)
        self.reader = nil
    }

    /// Takes the texts at the front that are there as a whole; says whether nothing is left to do.
    private func receivedTexts(_ bytes: inout UnsafeMutableRawBufferPointer) -> Bool {
        while self.isOpen,
            let text = WebSocketWholeText.take(&bytes, maximumBytes: self.context.limits.messageBytes)
        {
            self.receiver?.transport(self, received: text)
        }
        return bytes.isEmpty || self.state == .over
    }

    private func read(_ bytes: UnsafeMutableRawBufferPointer, _ reader: WebSocketReader) {
        var input = bytes
        while true {
            switch reader.machine.pointee.next(&input) {
            case .needMore: return
            case .message(let bytes, let isText):
                self.received(bytes, isText: isText)
                if self.isInflating, self.mustPutOff(input, after: bytes.count) { return }
            case .ping(let bytes): self.received(ping: bytes)
            case .pong: if self.spendControl() { self.extras?.whenPonged?() }
            case .closed(let code, let reason): return self.received(close: code, reason: reason)
            case .failed(let fault): return self.fail(fault)
            }
        }
    }

    /// Keeps the rest of what has arrived for a later turn where this one has inflated enough.
    private func mustPutOff(_ rest: UnsafeMutableRawBufferPointer, after count: Int) -> Bool {
        let isEnough = self.context.hasInflatedEnough(count, in: self.channel.loop.turnNumber)
        guard isEnough, !rest.isEmpty, self.state != .over else { return false }
        self.needExtras().putOff = Array(rest)
        self.channel.pauseReading()
        self.takeUpLater()
        return true
    }

    private func takeUpLater() { self.channel.loop.schedule(after: .zero) { self.takeUp() } }

    /// Goes on with what was put off, unless others have inflated enough in this turn, too.
    private func takeUp() {
        guard self.state != .over, var bytes = self.extras?.putOff, !bytes.isEmpty else { return }
        guard !self.context.hasInflatedEnough(0, in: self.channel.loop.turnNumber) else { return self.takeUpLater() }
        self.extras?.putOff = []
        bytes.withUnsafeMutableBytes { self.receive($0) }
        if self.state != .over, self.extras?.putOff.isEmpty != false { self.channel.resumeReading() }
    }

    private func received(_ bytes: UnsafeRawBufferPointer, isText: Bool) {
        guard self.isOpen else { return }
        if !isText, let receivedBinary = self.extras?.receivedBinary { return receivedBinary(bytes) }
        self.receiver?.transport(self, received: bytes)
    }

    private func received(ping bytes: UnsafeRawBufferPointer) {
        guard self.spendControl() else { return }
        self.extras?.whenHeard?()
        guard !self.channel.isBacklogged else {
            self.needExtras().owedPong = Array(bytes)
            return
        }
        self.write(.pong, Array(bytes))
    }

    private func received(close code: UInt16, reason: String) {
        switch self.state {
        case .open:
            self.say(code, reason)
            self.stop()
            self.hangUp()
            self.tell(TransportEnd(code: code, reason: reason, clean: true))
        case .closing:
            let (ours, why) = self.extras?.goodbye ?? (code, reason)
            self.stop()
            self.hangUp()
            self.tell(TransportEnd(code: ours, reason: why, clean: true))
        case .over:
            return
        }
    }

    /// The server closes the connection first, so that it is the client's port that is free at once.
    private func hangUp() {
        let time = self.context.limits.closeTime
        guard self.role == .client else { return self.channel.close(within: time) }
        self.liveness = self.channel.loop.schedule(after: time) { [channel] in channel.abort() }
    }

    private func fail(_ fault: WebSocketFault) {
        switch self.state {
        case .open: self.say(fault.code, fault.reason)
        case .closing: break
        case .over: return
        }
        self.stop()
        self.channel.close(within: self.context.limits.closeTime)
        self.tell(TransportEnd(code: fault.code, reason: fault.reason, clean: false))
    }

    /// Counts a control frame; false when it was one too many, and the connection fails.
    private func spendControl() -> Bool {
        let limits = self.context.limits
        let wait = self.control.take(
            rate: limits.controlFramesPerSecond,
            capacity: Self.controlBurst(limits),
            now: self.channel.loop.now
        )
        guard wait != nil else { return true }
        self.fail(.tooManyControlFrames)
        return false
    }

    private static func controlBurst(_ limits: Limits) -> Int { max(20, Int(limits.controlFramesPerSecond)) }

    // MARK: Liveness

    package func ping() {
        if self.isOpen, !self.channel.isBacklogged { self.write(.ping, []) }
    }

    /// Looks in on the client when the next ping is due or the silence gets too long; a client asks by itself.
    private func watch() {
        guard self.isOpen, self.role == .server else { return }
        let limits = self.context.limits
        let silence = self.channel.loop.now - self.lastHeard
        guard silence < limits.idleTime else {
            self.stop()
            self.channel.abort()
            return self.tell(TransportEnd(code: 1006, reason: "No sign of life", clean: false))
        }
        let delay = min(limits.pingInterval, limits.idleTime - silence)
        if self.channel.loop.reschedule(self.liveness, after: delay) { return }
        self.liveness = self.channel.loop.schedule(after: delay) { self.lookIn() }
    }

    private func lookIn() {
        self.liveness = .none
        self.ping()
        self.watch()
    }
}

extension WebSocketTransport: ByteChannelReceiver {
    package func channel(_ channel: ByteChannel, received bytes: UnsafeMutableRawBufferPointer) { self.receive(bytes) }

    package func channelInputEnded(_ channel: ByteChannel) {
        channel.close(within: self.context.limits.closeTime)
        if case .over = self.state { return }
        self.stop()
        self.tell(TransportEnd(code: 1006, reason: "The peer closed without a close frame", clean: false))
    }

    package func channelDrained(_ channel: ByteChannel) {
        guard let pong = self.extras?.owedPong else { return }
        self.extras?.owedPong = nil
        self.write(.pong, pong)
    }

    package func channel(_ channel: ByteChannel, ended end: ByteChannelEnd) {
        self.stop()
        self.tell(TransportEnd(code: 1006, reason: end.description, clean: false))
    }
}
