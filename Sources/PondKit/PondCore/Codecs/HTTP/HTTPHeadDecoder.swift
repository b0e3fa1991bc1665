/// Reads a start line and header fields, byte by byte, from pieces of any size.
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
        /// Nothing has come yet; becomes `blankLineFeed` or `startLine`.
        case start
        /// One empty line before the start line is allowed; becomes `startLine`.
        case blankLineFeed
        /// Inside the start line; becomes `startLineFeed`.
        case startLine
        /// Becomes `fieldStart`.
        case startLineFeed
        /// At the beginning of a field or of the empty line; becomes `name` or `headLineFeed`.
        case fieldStart
        /// Inside a field's name; becomes `value`.
        case name
        /// Inside a field's value; becomes `valueLineFeed`.
        case value
        /// Becomes `fieldStart`.
        case valueLineFeed
        /// Becomes `start`, and the head is given out.
        case headLineFeed
    }

    private var state: State
    private let first: State
    private let maximumBytes: Int
    private let maximumFields: Int
    private var bytes = 0
    private var head = Head()
    private var name: [UInt8] = []
    private var value: [UInt8] = []

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
        while taken < input.count {
            let byte = input[taken]
            taken += 1
            self.bytes += 1
            guard self.bytes <= self.maximumBytes else { throw HTTPFault(431, "Header fields too large") }
            if try self.advance(byte) { return self.finish() }
        }
        return nil
    }

    /// One step; says whether the head is complete.
    private mutating func advance(_ byte: UInt8) throws(HTTPFault) -> Bool {
        switch self.state {
        case .start:
            if byte == 0x0D {
                self.state = .blankLineFeed
            } else {
                self.state = .startLine
                try self.startLine(byte)
            }
        case .blankLineFeed:
            guard byte == 0x0A else { throw Self.bareCarriageReturn }
            self.state = .startLine
        case .startLine:
            try self.startLine(byte)
        case .startLineFeed:
            guard byte == 0x0A else { throw Self.bareCarriageReturn }
            self.state = .fieldStart
        case .fieldStart:
            if byte == 0x0D {
                self.state = .headLineFeed
            } else if byte == 0x20 || byte == 0x09 {
                throw HTTPFault(400, "Folded header field")
            } else {
                self.state = .name
                try self.name(byte)
            }
        case .name:
            try self.name(byte)
        case .value:
            if byte == 0x0D {
                try self.field()
                self.state = .valueLineFeed
            } else {
                guard Self.isFieldByte(byte) else { throw HTTPFault(400, "Control character in a header field") }
                self.value.append(byte)
            }
        case .valueLineFeed:
            guard byte == 0x0A else { throw Self.bareCarriageReturn }
            self.state = .fieldStart
        case .headLineFeed:
            guard byte == 0x0A else { throw Self.bareCarriageReturn }
            return true
        }
        return false
    }

    private mutating func startLine(_ byte: UInt8) throws(HTTPFault) {
        if byte == 0x0D {
            self.state = .startLineFeed
        } else {
            guard Self.isFieldByte(byte) else { throw HTTPFault(400, "Control character in the start line") }
            self.head.startLine.append(byte)
        }
    }

    private mutating func name(_ byte: UInt8) throws(HTTPFault) {
        if byte == 0x3A, !self.name.isEmpty {
            self.state = .value
        } else {
            guard Self.isTokenByte(byte) else { throw HTTPFault(400, "Invalid header field name") }
            self.name.append(byte)
        }
    }

    private mutating func field() throws(HTTPFault) {
        guard self.head.headers.count < self.maximumFields else { throw HTTPFault(431, "Too many header fields") }
        let name = Self.text(self.name[...])
        self.head.headers.add(name, String(Self.text(self.value[...]).trimmingHTTPSpace()))
        self.name.removeAll(keepingCapacity: true)
        self.value.removeAll(keepingCapacity: true)
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

    /// UTF-8 where it is, else Latin-1, which every byte is.
    static func text(_ bytes: ArraySlice<UInt8>) -> String {
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        var text = ""
        for byte in bytes { text.unicodeScalars.append(Unicode.Scalar(byte)) }
        return text
    }

    /// Visible characters, space, tab and everything past ASCII.
    static func isFieldByte(_ byte: UInt8) -> Bool { byte >= 0x20 && byte != 0x7F || byte == 0x09 }

    /// What names of fields and methods are made of.
    static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case 0x21, 0x23, 0x24, 0x25, 0x26, 0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E, 0x5F, 0x60, 0x7C, 0x7E: true
        default: false
        }
    }

    private static let bareCarriageReturn = HTTPFault(400, "Carriage return without line feed")
}
