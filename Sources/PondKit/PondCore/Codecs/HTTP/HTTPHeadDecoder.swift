/// Reads a start line and header fields from pieces of any size.
///
/// It is strict where leniency lets two parsers disagree about one message: every line ends in CR LF, no line is
/// folded, no white space stands before a colon, no control character anywhere.
struct HTTPHeadDecoder {
    /// A start line with its fields, or trailer fields with an empty line.
    struct Head {
        var startLine: [UInt8] = []
        var headers = HTTPHeaders()
    }

    private enum State {
        /// Nothing has come yet; can become `blankLineFeed` or `startLine`.
        case start
        /// One empty line before the start line is allowed; can become `startLine`.
        case blankLineFeed
        /// Inside the start line; can become `startLineFeed`.
        case startLine
        /// Can become `fieldStart`.
        case startLineFeed
        /// At the beginning of a field or of the empty line; can become `name` or `headLineFeed`.
        case fieldStart
        /// Inside a field's name, which began there; can become `value`.
        case name(Int)
        /// Inside a field's value; can become `valueLineFeed`.
        case value(name: Int, value: Int)
        /// Can become `fieldStart`.
        case valueLineFeed
        /// Can become `start`, and the head is given out.
        case headLineFeed
    }

    private var state: State
    private let first: State
    private let maximumBytes: Int
    private let maximumFields: Int
    private var bytes = 0
    private var head = Head()

    /// A decoder of whole heads.
    init(maximumBytes: Int, maximumFields: Int) {
        self.init(from: .start, maximumBytes: maximumBytes, maximumFields: maximumFields)
    }

    /// A decoder of fields without a start line, as after the last chunk of a body.
    static func trailers(maximumBytes: Int, maximumFields: Int) -> HTTPHeadDecoder {
        HTTPHeadDecoder(from: .fieldStart, maximumBytes: maximumBytes, maximumFields: maximumFields)
    }

    private init(from state: State, maximumBytes: Int, maximumFields: Int) {
        self.state = state
        self.first = state
        self.maximumBytes = maximumBytes
        self.maximumFields = maximumFields
    }

    /// Whether some bytes of a head have come and others are missing.
    var isPartial: Bool { self.bytes > 0 }

    /// Takes bytes from the front of `input` until a head is complete; `nil` says that more are needed.
    mutating func next(_ input: inout UnsafeRawBufferPointer) throws(HTTPFault) -> Head? {
        var taken = 0
        defer { input = UnsafeRawBufferPointer(rebasing: input[taken...]) }
        let allowed = min(input.count, self.maximumBytes - self.bytes)
        while taken < allowed {
            if try self.advance(input, &taken, allowed) { return self.finish() }
        }
        self.bytes += taken
        guard taken == input.count else { throw HTTPFault(431, "Header fields too large") }
        return nil
    }

    /// Takes at least one byte, or changes the state; says whether the head is complete.
    private mutating func advance(
        _ input: UnsafeRawBufferPointer,
        _ taken: inout Int,
        _ end: Int
    ) throws(HTTPFault) -> Bool {
        switch self.state {
        case .start:
            if input[taken] == Self.carriageReturn {
                taken += 1
                self.state = .blankLineFeed
            } else {
                self.state = .startLine
                self.head.startLine.reserveCapacity(Self.usualLine)
                self.head.headers.reserveCapacity(fields: Self.usualFields, bytes: input.count)
            }
        case .blankLineFeed:
            try Self.takeLineFeed(input, &taken)
            self.state = .startLine
        case .startLine:
            let run = Self.run(input, &taken, end, while: Self.isFieldByte)
            self.head.startLine.append(contentsOf: run)
            guard taken < end else { return false }
            guard input[taken] == Self.carriageReturn else {
                throw HTTPFault(400, "Control character in the start line")
            }
            taken += 1
            self.state = .startLineFeed
        case .startLineFeed, .valueLineFeed:
            try Self.takeLineFeed(input, &taken)
            self.state = .fieldStart
        case .fieldStart:
            switch input[taken] {
            case Self.carriageReturn:
                taken += 1
                self.state = .headLineFeed
            case 0x20, 0x09: throw HTTPFault(400, "Folded header field")
            default: self.state = .name(self.head.headers.rawCount)
            }
        case .name(let name):
            self.head.headers.appendRaw(Self.run(input, &taken, end, while: Self.isTokenByte))
            guard taken < end else { return false }
            let value = self.head.headers.rawCount
            guard input[taken] == UInt8(ascii: ":"), value > name else {
                throw HTTPFault(400, "Invalid header field name")
            }
            taken += 1
            self.state = .value(name: name, value: value)
        case .value(let name, let value):
            self.head.headers.appendRaw(Self.run(input, &taken, end, while: Self.isFieldByte))
            guard taken < end else { return false }
            guard input[taken] == Self.carriageReturn else {
                throw HTTPFault(400, "Control character in a header field")
            }
            guard self.head.headers.count < self.maximumFields else { throw HTTPFault(431, "Too many header fields") }
            self.head.headers.completeRaw(name: name, value: value)
            taken += 1
            self.state = .valueLineFeed
        case .headLineFeed:
            try Self.takeLineFeed(input, &taken)
            return true
        }
        return false
    }

    /// The bytes from here on that belong to one part of a line.
    @inline(__always)
    private static func run(
        _ input: UnsafeRawBufferPointer,
        _ taken: inout Int,
        _ end: Int,
        while belongs: (UInt8) -> Bool
    ) -> UnsafeRawBufferPointer {
        let start = taken
        while taken < end, belongs(input[taken]) { taken += 1 }
        return UnsafeRawBufferPointer(rebasing: input[start..<taken])
    }

    private static func takeLineFeed(_ input: UnsafeRawBufferPointer, _ taken: inout Int) throws(HTTPFault) {
        guard input[taken] == 0x0A else { throw HTTPFault(400, "Carriage return without line feed") }
        taken += 1
    }

    private mutating func finish() -> Head {
        defer {
            self = HTTPHeadDecoder(
                from: self.first,
                maximumBytes: self.maximumBytes,
                maximumFields: self.maximumFields
            )
        }
        return self.head
    }

    /// UTF-8 if the bytes are, else Latin-1, which every byte is.
    static func text(_ bytes: ArraySlice<UInt8>) -> String {
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        var text = ""
        for byte in bytes { text.unicodeScalars.append(Unicode.Scalar(byte)) }
        return text
    }

    private static let carriageReturn: UInt8 = 0x0D
    /// Room for what most heads have, so that it is made once.
    private static let usualLine = 64
    private static let usualFields = 12

    /// Visible characters, space, tab and everything past ASCII.
    @inline(__always)
    static func isFieldByte(_ byte: UInt8) -> Bool { byte >= 0x20 && byte != 0x7F || byte == 0x09 }

    /// Letters, digits and the punctuation of which names of fields and methods are made.
    @inline(__always)
    static func isTokenByte(_ byte: UInt8) -> Bool {
        // One bit for each ASCII character.
        let bits: UInt64 = byte < 64 ? 0x03FF_6CFA_0000_0000 : 0x57FF_FFFF_C7FF_FFFE
        return byte < 128 && bits >> UInt64(byte & 63) & 1 == 1
    }
}
