/// Writes a client's WebSocket frames, masked.
enum FrameWriter {
    private static let mask: UInt64 = 0x5A3C_96E1_5A3C_96E1

    static func frame(opcode: UInt8, _ payload: [UInt8]) -> [UInt8] {
        var frame: [UInt8] = [0x80 | opcode]
        frame.reserveCapacity(payload.count + 14)
        switch payload.count {
        case ...125:
            frame.append(0x80 | UInt8(payload.count))
        case ...0xFFFF:
            frame += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
        default:
            frame.append(0x80 | 127)
            for shift in stride(from: 56, through: 0, by: -8) {
                frame.append(UInt8(truncatingIfNeeded: payload.count >> shift))
            }
        }
        for index in 0..<4 { frame.append(UInt8(truncatingIfNeeded: Self.mask >> (8 * UInt64(index)))) }
        for (index, byte) in payload.enumerated() {
            frame.append(byte ^ UInt8(truncatingIfNeeded: Self.mask >> (8 * UInt64(index & 3))))
        }
        return frame
    }
}
