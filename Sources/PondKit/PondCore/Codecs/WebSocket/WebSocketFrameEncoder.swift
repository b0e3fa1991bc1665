/// Writes frames.
package enum WebSocketFrameEncoder {
    /// The longest header: two bytes, a length of eight, a mask of four.
    package static let maximumHeaderBytes = 14

    /// Writes the header of a whole frame into place, which has room for it; gives its size.
    @inline(__always)
    package static func writeHeader(
        _ opcode: WebSocketOpcode,
        length: Int,
        isFinal: Bool = true,
        isCompressed: Bool = false,
        isMasked: Bool = false,
        to space: UnsafeMutableRawBufferPointer
    ) -> Int {
        let masked: UInt8 = isMasked ? 0x80 : 0
        space[0] = (isFinal ? 0x80 : 0) | (isCompressed ? 0x40 : 0) | opcode.rawValue
        if length <= 125 {
            space[1] = masked | UInt8(length)
            return 2
        }
        if length <= 0xFFFF {
            space[1] = masked | 126
            space.storeBytes(of: UInt16(length).bigEndian, toByteOffset: 2, as: UInt16.self)
            return 4
        }
        space[1] = masked | 127
        space.storeBytes(of: UInt64(length).bigEndian, toByteOffset: 2, as: UInt64.self)
        return 10
    }

    /// Writes a frame into place, which has room for it; gives its size. A client gives a mask.
    static func write(
        _ opcode: WebSocketOpcode,
        _ payload: UnsafeRawBufferPointer,
        isFinal: Bool = true,
        isCompressed: Bool = false,
        mask: WebSocketMask? = nil,
        to space: UnsafeMutableRawBufferPointer
    ) -> Int {
        let length = payload.count
        var count = self.writeHeader(
            opcode,
            length: length,
            isFinal: isFinal,
            isCompressed: isCompressed,
            isMasked: mask != nil,
            to: space
        )
        if let mask {
            space.storeBytes(of: mask.bytes.littleEndian, toByteOffset: count, as: UInt32.self)
            count += 4
        }
        let place = UnsafeMutableRawBufferPointer(rebasing: space[count..<count + length])
        place.copyMemory(from: payload)
        if var mask { mask.apply(place) }
        return count + length
    }

    /// Writes a frame into place, which has room for it; gives its size. A client gives a mask.
    package static func write(
        _ opcode: WebSocketOpcode,
        _ payload: [UInt8],
        isCompressed: Bool = false,
        mask: WebSocketMask? = nil,
        to space: UnsafeMutableRawBufferPointer
    ) -> Int {
        payload.withUnsafeBytes { self.write(opcode, $0, isCompressed: isCompressed, mask: mask, to: space) }
    }

    /// One whole frame; a client gives a mask.
    static func frame(
        _ opcode: WebSocketOpcode,
        _ payload: [UInt8],
        isFinal: Bool = true,
        isCompressed: Bool = false,
        mask: WebSocketMask? = nil
    ) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: payload.count + self.maximumHeaderBytes) { space, count in
            count = payload.withUnsafeBytes { payload in
                self.write(
                    opcode,
                    payload,
                    isFinal: isFinal,
                    isCompressed: isCompressed,
                    mask: mask,
                    to: UnsafeMutableRawBufferPointer(space)
                )
            }
        }
    }

    /// A close frame; a code that may not be sent is left out, a reason that is too long is cut.
    package static func close(code: UInt16, reason: String, mask: WebSocketMask? = nil) -> [UInt8] {
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
