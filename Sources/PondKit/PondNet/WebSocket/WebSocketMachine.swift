import PondCore

/// What arrives on one WebSocket: frames in, messages and control events out, everything checked.
///
/// A message that lies in the input as one piece is given out there, uncopied; another is gathered first.
struct WebSocketMachine: ~Copyable {
    /// What came; the bytes are valid until the next call.
    enum Event {
        /// Nothing more until more bytes come.
        case needMore
        /// A whole message; a text is valid UTF-8.
        case message(UnsafeRawBufferPointer, isText: Bool)
        /// Answer with a pong of the same bytes.
        case ping(UnsafeRawBufferPointer)
        /// An answer to a ping, or a sign of life.
        case pong
        /// The peer sent a close frame (1005 without a code); nothing more is read.
        case closed(code: UInt16, reason: String)
        /// The peer broke the protocol or a limit; close with the fault's code, nothing more is read.
        case failed(WebSocketFault)
    }

    private enum State {
        /// Between messages; can become `message` or `ended`.
        case idle
        /// Inside a message; can become `idle` or `ended`.
        case message(isText: Bool, isCompressed: Bool, fragments: Int)
        /// After a close frame or a fault; stays.
        case ended
    }

    private var state = State.idle
    private var decoder: WebSocketFrameDecoder
    private var frame: WebSocketFrameHeader?
    private var text = UTF8Validator()
    private var gathered = ByteStore()
    private var wasGivenOut = false
    private var control = ByteStore()
    private var wasControlGivenOut = false
    private let inflater: Inflater?
    private let maximumBytes: Int
    private let maximumInflatedBytes: Int
    private let maximumFragments: Int

    /// A machine for what comes to this role; with an inflater, messages may be compressed.
    init(role: WebSocketRole, limits: Limits, inflater: Inflater? = nil) {
        self.decoder = WebSocketFrameDecoder(role: role, allowsCompression: inflater != nil)
        self.inflater = inflater
        // A server may count what it adds to a message otherwise than this client does.
        let margin = role == .client ? limits.messageMarginBytes : 0
        self.maximumBytes = limits.messageBytes + margin
        self.maximumInflatedBytes = limits.inflatedBytes + margin
        self.maximumFragments = limits.messageFragments
    }

    /// Whether it has nothing in hand: a new one would go on just as well.
    var isAtRest: Bool {
        guard case .idle = self.state, self.decoder.isAtRest else { return false }
        return self.gathered.count == 0 && self.control.count == 0
    }

    /// The memory that it holds for a message that is not over.
    var heldBytes: Int { self.gathered.capacity }

    /// Takes bytes from the front of `input`, which it unmasks in place, until something came.
    mutating func next(_ input: inout UnsafeMutableRawBufferPointer) -> Event {
        if self.wasGivenOut {
            self.gathered.clear()
            self.wasGivenOut = false
        }
        if self.wasControlGivenOut {
            self.control.clear()
            self.wasControlGivenOut = false
        }
        if case .ended = self.state {
            input = UnsafeMutableRawBufferPointer(rebasing: input[input.count...])
            return .needMore
        }
        do throws(WebSocketFault) {
            while let part = try self.decoder.next(&input) {
                switch part {
                case .header(let header):
                    try self.begin(header)
                case .payload(let piece, let isLast):
                    if let event = try self.payload(UnsafeRawBufferPointer(piece), isLast: isLast) { return event }
                }
            }
            return .needMore
        } catch {
            self.state = .ended
            self.gathered.clear()
            return .failed(error)
        }
    }

    /// Checks a frame against the message it belongs to, before any of its payload is taken.
    private mutating func begin(_ header: WebSocketFrameHeader) throws(WebSocketFault) {
        self.frame = header
        switch (header.opcode, self.state) {
        case (.close, _), (.ping, _), (.pong, _):
            return
        case (.continuation, .message(let isText, let isCompressed, let fragments)):
            guard !header.isCompressed else { throw .violation("Reserved bit set in a continuation") }
            guard fragments < self.maximumFragments else { throw .tooManyFragments }
            self.state = .message(isText: isText, isCompressed: isCompressed, fragments: fragments + 1)
        case (.text, .idle), (.binary, .idle):
            self.text = UTF8Validator()
            self.state = .message(isText: header.opcode == .text, isCompressed: header.isCompressed, fragments: 1)
        case (.continuation, _):
            throw .violation("Continuation of nothing")
        case (.text, _), (.binary, _):
            throw .violation("Message inside a message")
        }
        guard header.length <= UInt64(max(0, self.maximumBytes - self.gathered.count)) else { throw .messageTooBig }
    }

    private mutating func payload(_ piece: UnsafeRawBufferPointer, isLast: Bool) throws(WebSocketFault) -> Event? {
        guard let frame = self.frame else { return nil }
        if frame.opcode.isControl { return try self.control(frame, piece, isLast: isLast) }
        guard case .message(let isText, let isCompressed, _) = self.state else { return nil }
        if isText, !isCompressed {
            guard self.text.consume(piece) else { throw .invalidText }
        }
        let isComplete = isLast && frame.isFinal
        guard isComplete, self.gathered.count == 0 else {
            self.gathered.append(piece)
            return isComplete ? try self.message(self.gathered.bytes, isText: isText, isCompressed: isCompressed) : nil
        }
        return try self.message(piece, isText: isText, isCompressed: isCompressed)
    }

    private mutating func message(
        _ bytes: UnsafeRawBufferPointer,
        isText: Bool,
        isCompressed: Bool
    ) throws(WebSocketFault) -> Event {
        self.state = .idle
        self.wasGivenOut = true
        guard isCompressed, let inflater = self.inflater else {
            guard self.text.isComplete else { throw .invalidText }
            return .message(bytes, isText: isText)
        }
        let inflated = try inflater.inflate(bytes, limit: self.maximumInflatedBytes)
        if isText {
            guard self.text.consume(inflated), self.text.isComplete else { throw .invalidText }
        }
        return .message(inflated, isText: isText)
    }

    private mutating func control(
        _ frame: WebSocketFrameHeader,
        _ piece: UnsafeRawBufferPointer,
        isLast: Bool
    ) throws(WebSocketFault) -> Event? {
        guard isLast, self.control.count == 0 else {
            // Only a control frame cut in two by a read is copied.
            self.control.append(piece)
            self.wasControlGivenOut = isLast
            return isLast ? try self.whole(frame, self.control.bytes) : nil
        }
        return try self.whole(frame, piece)
    }

    private mutating func whole(
        _ frame: WebSocketFrameHeader,
        _ bytes: UnsafeRawBufferPointer
    ) throws(WebSocketFault) -> Event {
        switch frame.opcode {
        case .ping: return .ping(bytes)
        case .pong: return .pong
        default: break
        }
        guard bytes.count != 1 else { throw .violation("Close code cut short") }
        self.state = .ended
        guard bytes.count >= 2 else { return .closed(code: 1005, reason: "") }
        let code = UInt16(bytes[0]) << 8 | UInt16(bytes[1])
        guard WebSocketCloseCode.isValid(code) else { throw .violation("Invalid close code") }
        guard let reason = String(validating: bytes.dropFirst(2), as: UTF8.self) else { throw .invalidText }
        return .closed(code: code, reason: reason)
    }
}
