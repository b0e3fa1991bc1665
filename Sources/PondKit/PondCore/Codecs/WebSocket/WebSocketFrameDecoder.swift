/// Cuts frames out of a stream of bytes; payloads are unmasked where they lie and handed on piece by piece.
package struct WebSocketFrameDecoder {
    package enum Part {
        /// A frame begins; pieces of its payload follow, at least one, the last one marked.
        case header(WebSocketFrameHeader)
        /// Bytes in the input, unmasked.
        case payload(UnsafeMutableRawBufferPointer, isLast: Bool)
    }

    private enum State {
        /// So many bytes of a header have come, the first one in the highest bits of `bytes`; becomes `payload`.
        case header(bytes: UInt128, count: Int)
        /// So many bytes of the payload are to come; becomes `header`.
        case payload(remaining: UInt64, mask: WebSocketMask?)
    }

    /// The longest header: two bytes, a length of eight, a mask of four.
    private static let maximumHeaderBytes = 14

    private var state = State.header(bytes: 0, count: 0)
    private let role: WebSocketRole
    private let allowsCompression: Bool

    /// A decoder of what comes to this role.
    package init(role: WebSocketRole, allowsCompression: Bool) {
        self.role = role
        self.allowsCompression = allowsCompression
    }

    /// Whether no byte of the next frame has come.
    package var isAtRest: Bool { if case .header(_, count: 0) = self.state { true } else { false } }

    /// The next part; `nil` says that more bytes are needed. After a fault nothing more can be read.
    package mutating func next(_ input: inout UnsafeMutableRawBufferPointer) throws(WebSocketFault) -> Part? {
        switch self.state {
        case .header(_, count: 0) where input.count >= Self.maximumHeaderBytes:
            guard let header = try self.wholeHeader(input) else { return nil }
            input = UnsafeMutableRawBufferPointer(rebasing: input[header.size...])
            return .header(header.fields)
        case .header(var bytes, var count):
            while !input.isEmpty {
                bytes |= UInt128(input[0]) << UInt128(120 - 8 * count)
                count += 1
                input = UnsafeMutableRawBufferPointer(rebasing: input[1...])
                if let header = try self.header(bytes, count: count) { return .header(header) }
            }
            self.state = .header(bytes: bytes, count: count)
            return nil
        case .payload(let remaining, var mask):
            if input.isEmpty, remaining > 0 { return nil }
            let count = Int(min(remaining, UInt64(input.count)))
            let piece = UnsafeMutableRawBufferPointer(rebasing: input[..<count])
            input = UnsafeMutableRawBufferPointer(rebasing: input[count...])
            mask?.apply(piece)
            let rest = remaining - UInt64(count)
            self.state = rest == 0 ? .header(bytes: 0, count: 0) : .payload(remaining: rest, mask: mask)
            return .payload(piece, isLast: rest == 0)
        }
    }

    /// The header that begins here, with all its bytes there, and how many they are.
    private mutating func wholeHeader(
        _ input: UnsafeMutableRawBufferPointer
    ) throws(WebSocketFault) -> (fields: WebSocketFrameHeader, size: Int)? {
        let short = input[1] & 0x7F
        let size = (short == 126 ? 4 : short == 127 ? 10 : 2) + (input[1] & 0x80 != 0 ? 4 : 0)
        var bytes: UInt128 = 0
        for index in 0..<size { bytes |= UInt128(input[index]) << UInt128(120 - 8 * index) }
        return try self.header(bytes, count: size).map { ($0, size) }
    }

    /// Checks each part of a header as soon as it is there; gives the header when it is whole.
    private mutating func header(_ bytes: UInt128, count: Int) throws(WebSocketFault) -> WebSocketFrameHeader? {
        let first = UInt8(truncatingIfNeeded: bytes >> 120)
        if first & 0x30 != 0 || first & 0x40 != 0 && !self.allowsCompression {
            throw .violation("Reserved bit set")
        }
        guard let opcode = WebSocketOpcode(rawValue: first & 0x0F) else { throw .violation("Unknown opcode") }
        let isFinal = first & 0x80 != 0
        if opcode.isControl {
            guard isFinal else { throw .violation("Fragmented control frame") }
            guard first & 0x40 == 0 else { throw .violation("Reserved bit set") }
        }
        guard count >= 2 else { return nil }

        let second = UInt8(truncatingIfNeeded: bytes >> 112)
        let isMasked = second & 0x80 != 0
        guard isMasked == (self.role == .server) else {
            throw .violation(isMasked ? "Masked frame from a server" : "Unmasked frame from a client")
        }
        let short = second & 0x7F
        if opcode.isControl, short > 125 { throw .violation("Control frame too long") }
        let lengthBytes = short == 126 ? 2 : short == 127 ? 8 : 0
        guard count >= 2 + lengthBytes else { return nil }
        var length = UInt64(short)
        if short == 126 {
            length = UInt64(UInt16(truncatingIfNeeded: bytes >> 96))
            guard length > 125 else { throw .violation("Length not in its shortest form") }
        } else if short == 127 {
            length = UInt64(truncatingIfNeeded: bytes >> 48)
            guard length >> 63 == 0 else { throw .violation("Length too large") }
            guard length > 0xFFFF else { throw .violation("Length not in its shortest form") }
        }
        let size = 2 + lengthBytes + (isMasked ? 4 : 0)
        guard count == size else { return nil }
        let key = UInt32(truncatingIfNeeded: bytes >> UInt128(128 - 8 * size)).byteSwapped
        self.state = .payload(remaining: length, mask: isMasked ? WebSocketMask(littleEndian: key) : nil)
        return WebSocketFrameHeader(
            opcode: opcode,
            isFinal: isFinal,
            isCompressed: first & 0x40 != 0,
            length: length
        )
    }
}
