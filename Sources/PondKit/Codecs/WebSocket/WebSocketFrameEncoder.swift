/// Writes frames.
enum WebSocketFrameEncoder {
    /// The longest header: two bytes, a length of eight, a mask of four.
    static let maximumHeaderBytes = 14

    /// Appends the header of a frame.
    static func appendHeader(
        _ opcode: WebSocketOpcode,
        length: Int,
        isFinal: Bool = true,
        isCompressed: Bool = false,
        mask: WebSocketMask? = nil,
        to bytes: inout [UInt8]
    ) {
        bytes.append((isFinal ? 0x80 : 0) | (isCompressed ? 0x40 : 0) | opcode.rawValue)
        let masked: UInt8 = mask == nil ? 0 : 0x80
        if length <= 125 {
            bytes.append(masked | UInt8(length))
        } else if length <= 0xFFFF {
            bytes.append(masked | 126)
            bytes.append(UInt8(truncatingIfNeeded: length >> 8))
            bytes.append(UInt8(truncatingIfNeeded: length))
        } else {
            bytes.append(masked | 127)
            for shift in stride(from: 56, through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: length >> shift))
            }
        }
        guard let mask else { return }
        for shift in stride(from: UInt32(0), through: 24, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: mask.bytes >> shift))
        }
    }

    /// One whole frame; a client gives a mask.
    static func frame(
        _ opcode: WebSocketOpcode,
        _ payload: UnsafeRawBufferPointer,
        isFinal: Bool = true,
        isCompressed: Bool = false,
        mask: WebSocketMask? = nil
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(payload.count + Self.maximumHeaderBytes)
        self.appendHeader(
            opcode,
            length: payload.count,
            isFinal: isFinal,
            isCompressed: isCompressed,
            mask: mask,
            to: &bytes
        )
        let start = bytes.count
        bytes.append(contentsOf: payload)
        if var mask {
            bytes.withUnsafeMutableBytes { mask.apply(UnsafeMutableRawBufferPointer(rebasing: $0[start...])) }
        }
        return bytes
    }

    /// One whole frame; a client gives a mask.
    static func frame(
        _ opcode: WebSocketOpcode,
        _ payload: [UInt8],
        isFinal: Bool = true,
        isCompressed: Bool = false,
        mask: WebSocketMask? = nil
    ) -> [UInt8] {
        payload.withUnsafeBytes {
            self.frame(opcode, $0, isFinal: isFinal, isCompressed: isCompressed, mask: mask)
        }
    }

    /// A close frame; a code that may not be sent is left out, a reason that is too long is cut.
    static func close(code: UInt16, reason: String, mask: WebSocketMask? = nil) -> [UInt8] {
        guard WebSocketCloseCode.isValid(code) else { return self.frame(.close, [], mask: mask) }
        var payload = [UInt8(truncatingIfNeeded: code >> 8), UInt8(truncatingIfNeeded: code)]
        for scalar in reason.unicodeScalars {
            let encoded = UTF8.encode(scalar).map(Array.init) ?? []
            guard payload.count + encoded.count <= 125 else { break }
            payload.append(contentsOf: encoded)
        }
        return self.frame(.close, payload, mask: mask)
    }
}
