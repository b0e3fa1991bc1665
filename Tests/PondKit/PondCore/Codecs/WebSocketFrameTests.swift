import Testing

@testable import PondCore

@Suite struct WebSocketFrameTests {
    @Test func unmasksEveryLengthFromEveryPhase() {
        for length in 0...300 {
            for cut in [0, 1, 2, 3, 5, 7, 8, 9, length / 2] where cut <= length {
                let plain = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ 7) }
                let key: [UInt8] = [0x12, 0xA4, 0x5F, 0xC3]
                var bytes = plain.enumerated().map { $1 ^ key[$0 % 4] }
                var mask = WebSocketMask(littleEndian: 0xC35F_A412)
                bytes.withUnsafeMutableBytes {
                    mask.apply(UnsafeMutableRawBufferPointer(rebasing: $0[..<cut]))
                    mask.apply(UnsafeMutableRawBufferPointer(rebasing: $0[cut...]))
                }
                #expect(bytes == plain, "length \(length), cut at \(cut)")
            }
        }
    }

    /// What a decoder makes of pieces: opcode, length, then the payload's bytes.
    private static func decode(_ pieces: [[UInt8]], role: WebSocketRole = .server, compression: Bool = false) -> String
    {
        var decoder = WebSocketFrameDecoder(role: role, allowsCompression: compression)
        var result = ""
        var payload: [UInt8] = []
        for piece in pieces {
            var piece = piece
            let fault = piece.withUnsafeMutableBytes { bytes -> WebSocketFault? in
                var input = bytes
                do throws(WebSocketFault) {
                    while let part = try decoder.next(&input) {
                        switch part {
                        case .header(let header):
                            result += "\(header.opcode)\(header.isFinal ? "" : "+") \(header.length)"
                        case .payload(let bytes, let isLast):
                            payload.append(contentsOf: bytes)
                            if isLast { result += " \(payload.reduce(0) { $0 &* 31 &+ Int($1) }); " }
                            if isLast { payload = [] }
                        }
                    }
                } catch { return error }
                return nil
            }
            if let fault { return result + "\(fault.code)" }
        }
        return result
    }

    @Test func readsWhatIsWrittenAtEveryLengthNearABoundary() {
        for length in Array(0...300) + [65_534, 65_535, 65_536, 65_537, 100_000] {
            let payload = (0..<length).map { UInt8(truncatingIfNeeded: $0) }
            let sum = payload.reduce(0) { $0 &* 31 &+ Int($1) }
            let masked = WebSocketFrameEncoder.frame(.binary, payload, mask: WebSocketMask(littleEndian: 0xDEAD_BEEF))
            #expect(Self.decode([masked]) == "binary \(length) \(sum); ")
            let plain = WebSocketFrameEncoder.frame(.binary, payload)
            #expect(Self.decode([plain], role: .client) == "binary \(length) \(sum); ")
            #expect(plain.count == length + (length <= 125 ? 2 : length <= 65_535 ? 4 : 10))
        }
    }

    @Test func readsTheSameAtEverySplit() {
        let mask = WebSocketMask(littleEndian: 0x0102_0304)
        let bytes =
            WebSocketFrameEncoder.frame(.text, Array("hello".utf8), isFinal: false, mask: mask)
            + WebSocketFrameEncoder.frame(.ping, [], mask: mask)
            + WebSocketFrameEncoder.frame(.continuation, [UInt8](repeating: 9, count: 130), mask: mask)
        let expected = Self.decode([bytes])
        #expect(expected.hasPrefix("text+ 5 ") && expected.contains("ping 0 0; continuation 130"))
        for pieces in everySplit(bytes) { #expect(Self.decode(pieces) == expected) }
    }

    private static let wrong: [([UInt8], String)] = [
        ([0x90, 0x80, 0, 0, 0, 0], "reserved bit 3"), ([0xA1], "reserved bit 2"), ([0xC1], "compression not agreed"),
        ([0x83], "unknown opcode 3"), ([0x87], "opcode 7"), ([0x8B], "opcode 11"), ([0x8F], "opcode 15"),
        ([0x09], "fragmented ping"), ([0x89, 0xFE], "ping of 126"), ([0x88, 0xFF], "close of 2^63"),
        ([0x81, 0x01], "unmasked"), ([0x81, 0xFE, 0, 125], "16 bits for 125"),
        ([0x81, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF], "64 bits for 65535"),
        ([0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0], "2^63"),
    ]

    @Test(arguments: Self.wrong)
    func failsAtTheFirstByteThatIsWrong(bytes: [UInt8], what: String) {
        #expect(Self.decode([bytes]) == "1002", "\(what)")
        #expect(Self.decode(bytes.map { [$0] }) == "1002", "\(what)")
        if bytes.count < 6 { #expect(Self.decode([Array(bytes.dropLast())]) == "", "\(what)") }
    }

    @Test func aClientRefusesMaskedFramesAndCompressedControlFrames() {
        #expect(Self.decode([[0x81, 0x81]], role: .client) == "1002")
        #expect(Self.decode([[0xC9]], compression: true) == "1002")
        #expect(Self.decode([[0xC1, 0x80, 1, 2, 3, 4]], compression: true) == "text 0 0; ")
    }

    @Test func closeFramesHoldOnlyCodesThatMayBeSentAndReasonsThatFit() {
        #expect(WebSocketFrameEncoder.close(code: 1006, reason: "x") == [0x88, 0])
        #expect(WebSocketFrameEncoder.close(code: 1001, reason: "") == [0x88, 2, 3, 0xE9])
        let long = WebSocketFrameEncoder.close(code: 1000, reason: String(repeating: "ä", count: 100))
        #expect(long.count == 2 + 2 + 122)
        #expect(String(validating: long.dropFirst(4), as: UTF8.self) == String(repeating: "ä", count: 61))
    }

    @Test func knowsTheCloseCodesThatMayBeSent() {
        let valid = (0...65_535).filter { WebSocketCloseCode.isValid(UInt16($0)) }
        #expect(valid == [1000, 1001, 1002, 1003] + Array(1007...1014) + Array(3000...4999))
    }
}
