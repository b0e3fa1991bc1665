/// Cuts a body out of a stream of bytes, in pieces, without keeping any of it.
struct HTTPBodyDecoder {
    enum Part {
        /// The next bytes of the body, valid as long as the input is.
        case bytes(UnsafeRawBufferPointer)
        /// The body is complete.
        case end
    }

    private enum State {
        /// So many bytes are still to come; becomes `ended`.
        case fixed(remaining: Int)
        /// Everything belongs to the body; never becomes anything.
        case untilEnd
        /// Inside a chunk's size; becomes `chunkExtension` or `sizeLineFeed`.
        case size(Int, digits: Int)
        /// Inside what may follow a chunk's size; becomes `sizeLineFeed`.
        case chunkExtension(size: Int, bytes: Int)
        /// Becomes `chunk`, or `trailers` after the size 0.
        case sizeLineFeed(Int)
        /// Inside a chunk; becomes `chunkReturn`.
        case chunk(remaining: Int)
        /// Becomes `chunkLineFeed`.
        case chunkReturn
        /// Becomes `size`.
        case chunkLineFeed
        /// Fields after the last chunk, which are read and dropped; becomes `ended`.
        case trailers(HTTPHeadDecoder)
        /// The final state.
        case ended
    }

    private var state: State
    private var total = 0
    private let maximumBytes: Int?

    /// A decoder of one body; a body of more than `maximumBytes` fails with 413 as soon as its size is known.
    init(_ framing: HTTPBodyFraming, maximumBytes: Int?) throws(HTTPFault) {
        self.maximumBytes = maximumBytes
        switch framing {
        case .none: self.state = .ended
        case .untilEnd: self.state = .untilEnd
        case .chunked: self.state = .size(0, digits: 0)
        case .length(let length):
            self.state = length == 0 ? .ended : .fixed(remaining: length)
            if let maximumBytes, length > maximumBytes { throw Self.tooLarge }
        }
    }

    /// The next part; `nil` says that more bytes are needed.
    mutating func next(_ input: inout UnsafeRawBufferPointer) throws(HTTPFault) -> Part? {
        while true {
            switch self.state {
            case .ended:
                return .end
            case .fixed(let remaining):
                guard let bytes = Self.take(remaining, from: &input) else { return nil }
                self.state = bytes.count == remaining ? .ended : .fixed(remaining: remaining - bytes.count)
                return .bytes(bytes)
            case .untilEnd:
                guard let bytes = Self.take(.max, from: &input) else { return nil }
                try self.count(bytes.count)
                return .bytes(bytes)
            case .chunk(let remaining):
                guard let bytes = Self.take(remaining, from: &input) else { return nil }
                self.state = bytes.count == remaining ? .chunkReturn : .chunk(remaining: remaining - bytes.count)
                return .bytes(bytes)
            case .trailers(var decoder):
                let head = try decoder.next(&input)
                self.state = head == nil ? .trailers(decoder) : .ended
                if head == nil { return nil }
            case .size, .chunkExtension, .sizeLineFeed, .chunkReturn, .chunkLineFeed:
                guard let byte = Self.take(1, from: &input)?.first else { return nil }
                try self.frame(byte)
            }
        }
    }

    /// One byte of what stands around the chunks.
    private mutating func frame(_ byte: UInt8) throws(HTTPFault) {
        switch self.state {
        case .size(let size, let digits):
            if let digit = JSONCursor.hexDigit(byte) {
                // Eight digits hold every size a limit could allow, and cannot overflow.
                guard digits < 8 else { throw HTTPFault(400, "Chunk size too long") }
                self.state = .size(size << 4 | Int(digit), digits: digits + 1)
            } else if byte == 0x3B, digits > 0 {
                self.state = .chunkExtension(size: size, bytes: 0)
            } else {
                guard byte == 0x0D, digits > 0 else { throw HTTPFault(400, "Invalid chunk size") }
                self.state = .sizeLineFeed(size)
            }
        case .chunkExtension(let size, let bytes):
            if byte == 0x0D {
                self.state = .sizeLineFeed(size)
            } else {
                guard HTTPHeadDecoder.isFieldByte(byte), bytes < 256 else {
                    throw HTTPFault(400, "Invalid chunk extension")
                }
                self.state = .chunkExtension(size: size, bytes: bytes + 1)
            }
        case .sizeLineFeed(let size):
            guard byte == 0x0A else { throw HTTPFault(400, "Invalid chunk size") }
            try self.count(size)
            self.state =
                size == 0 ? .trailers(.trailers(maximumBytes: 4096, maximumFields: 32)) : .chunk(remaining: size)
        case .chunkReturn:
            guard byte == 0x0D else { throw HTTPFault(400, "Chunk longer than its size") }
            self.state = .chunkLineFeed
        case .chunkLineFeed:
            guard byte == 0x0A else { throw HTTPFault(400, "Chunk longer than its size") }
            self.state = .size(0, digits: 0)
        case .fixed, .untilEnd, .chunk, .trailers, .ended:
            break
        }
    }

    private mutating func count(_ bytes: Int) throws(HTTPFault) {
        guard let maximumBytes = self.maximumBytes else { return }
        self.total += bytes
        if self.total > maximumBytes { throw Self.tooLarge }
    }

    private static func take(_ count: Int, from input: inout UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        guard !input.isEmpty else { return nil }
        let count = min(count, input.count)
        defer { input = UnsafeRawBufferPointer(rebasing: input[count...]) }
        return UnsafeRawBufferPointer(rebasing: input[..<count])
    }

    private static let tooLarge = HTTPFault(413, "Body too large")
}
