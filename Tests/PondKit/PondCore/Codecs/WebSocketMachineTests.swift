import PondTesting
import Testing

@testable import PondCore
@testable import PondNet

@Suite struct WebSocketMachineTests {
    private static let mask = WebSocketMask(littleEndian: 0x9A3C_5F01)

    /// Frames as a client sends them.
    private static func frame(_ opcode: WebSocketOpcode, _ text: String, fin: Bool = true) -> [UInt8] {
        self.frame(opcode, Array(text.utf8), fin: fin)
    }

    private static func frame(
        _ opcode: WebSocketOpcode,
        _ bytes: [UInt8],
        fin: Bool = true,
        compressed: Bool = false
    ) -> [UInt8] {
        WebSocketFrameEncoder.frame(opcode, bytes, isFinal: fin, isCompressed: compressed, mask: self.mask)
    }

    /// What a machine makes of pieces, one line for each event.
    private static func events(
        _ pieces: [[UInt8]],
        limits: Limits = .default,
        inflater: Inflater? = nil
    ) -> [String] {
        var machine = WebSocketMachine(role: .server, limits: limits, inflater: inflater)
        var events: [String] = []
        for piece in pieces {
            var piece = piece
            piece.withUnsafeMutableBytes { bytes in
                var input = bytes
                while true {
                    switch machine.next(&input) {
                    case .needMore: return
                    case .message(let bytes, isText: true):
                        events.append("text \(String(decoding: bytes, as: UTF8.self))")
                    case .message(let bytes, isText: false): events.append("binary \(Array(bytes))")
                    case .ping(let bytes): events.append("ping \(String(decoding: bytes, as: UTF8.self))")
                    case .pong: events.append("pong")
                    case .closed(let code, let reason): events.append("closed \(code) \(reason)")
                    case .failed(let fault): events.append("failed \(fault.code) \(fault.reason)")
                    }
                }
            }
        }
        return events
    }

    @Test func aClientTakesAMarginAboveItsLimitAndNoMore() {
        var limits = Limits.default
        limits.messageBytes = 100
        limits.messageMarginBytes = 10
        for (role, allowed) in [(WebSocketRole.client, 110), (.server, 100)] {
            for count in [allowed, allowed + 1] {
                var machine = WebSocketMachine(role: role, limits: limits)
                let mask = role == .server ? Self.mask : nil
                var bytes = WebSocketFrameEncoder.frame(.text, [UInt8](repeating: 0x61, count: count), mask: mask)
                let fault = bytes.withUnsafeMutableBytes { bytes -> UInt16? in
                    var input = bytes
                    if case .failed(let fault) = machine.next(&input) { return fault.code }
                    return nil
                }
                #expect(fault == (count > allowed ? 1009 : nil), "\(role) \(count)")
            }
        }
    }

    @Test func gathersMessagesAroundControlFramesTheSameAtEverySplit() {
        let bytes =
            Self.frame(.text, "one") + Self.frame(.text, "tw", fin: false) + Self.frame(.ping, "p1")
            + Self.frame(.continuation, "", fin: false) + Self.frame(.continuation, "ö") + Self.frame(.pong, "x")
            + Self.frame(.text, "") + Self.frame(.binary, [1, 2], fin: false) + Self.frame(.continuation, [3])
            + Self.frame(.close, [0x03, 0xE8] + Array("bye".utf8)) + Self.frame(.text, "late")
        let expected = [
            "text one", "ping p1", "text twö", "pong", "text ", "binary [1, 2, 3]", "closed 1000 bye",
        ]
        for pieces in everySplit(bytes) { #expect(Self.events(pieces) == expected) }
    }

    private static let breaches: [([UInt8], String)] = [
        (Self.frame(.continuation, "x"), "1002 Continuation of nothing"),
        (Self.frame(.text, "a", fin: false) + Self.frame(.text, "b"), "1002 Message inside a message"),
        (Self.frame(.text, "a", fin: false) + Self.frame(.binary, [1]), "1002 Message inside a message"),
        (Self.frame(.text, "a") + Self.frame(.continuation, "b"), "1002 Continuation of nothing"),
        (Self.frame(.close, [3]), "1002 Close code cut short"),
        (Self.frame(.close, [0x03, 0xED]), "1002 Invalid close code"),
        (Self.frame(.close, [0x03, 0xE8, 0xFF]), "1007 Invalid UTF-8"),
        (Self.frame(.text, [0xC3]), "1007 Invalid UTF-8"),
        (Self.frame(.text, [0xC3], fin: false) + Self.frame(.continuation, []), "1007 Invalid UTF-8"),
        (Self.frame(.text, [0xED, 0xA0, 0x80]), "1007 Invalid UTF-8"),
    ]

    @Test(arguments: Self.breaches)
    func closesWithTheCodeOfTheBreach(bytes: [UInt8], fault: String) {
        for pieces in everySplit(bytes) {
            #expect(Self.events(pieces).filter { $0.hasPrefix("failed") } == ["failed \(fault)"])
        }
    }

    @Test func failsAtAnInvalidByteWithoutWaitingForTheFrame() {
        let frame = Self.frame(.text, Array("ab".utf8) + [0xFF] + [UInt8](repeating: 0x61, count: 500))
        #expect(Self.events([Array(frame[..<10])]) == [])
        #expect(Self.events([Array(frame[..<11])]) == ["failed 1007 Invalid UTF-8"])
        let split = Self.frame(.text, [0xF4], fin: false) + Array(Self.frame(.continuation, [0x90, 0x80, 0x80])[..<7])
        #expect(Self.events([split]) == ["failed 1007 Invalid UTF-8"])
    }

    @Test func refusesSizesAsSoonAsTheyAreKnown() {
        var limits = Limits()
        limits.messageBytes = 200
        limits.messageFragments = 3
        let exact = Self.frame(.binary, [UInt8](repeating: 1, count: 200))
        #expect(Self.events([exact], limits: limits).first?.hasPrefix("binary") == true)
        let header = Array(Self.frame(.binary, [UInt8](repeating: 1, count: 201))[..<8])
        #expect(Self.events([header], limits: limits) == ["failed 1009 Message too big"])
        let huge: [UInt8] = [0x82, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3, 4]
        #expect(Self.events([huge], limits: limits) == ["failed 1009 Message too big"])
        let second =
            Self.frame(.binary, [UInt8](repeating: 1, count: 100), fin: false)
            + Array(Self.frame(.continuation, [UInt8](repeating: 1, count: 101))[..<6])
        #expect(Self.events([second], limits: limits) == ["failed 1009 Message too big"])
        let fragment = Self.frame(.continuation, "", fin: false)
        let many = Self.frame(.text, "", fin: false) + fragment + fragment
        #expect(Self.events([many + Self.frame(.ping, "")], limits: limits) == ["ping "])
        #expect(Self.events([many + fragment], limits: limits) == ["failed 1009 Too many fragments"])
    }

    @Test func inflatesMessagesInOneFrameOrManyAndBoundsThem() throws {
        let deflater = try #require(Deflater(level: 1, windowBits: 15, takeover: false))
        let inflater = try #require(Inflater(windowBits: 15, takeover: false))
        let text = String(repeating: "kålrabi ", count: 40)
        var compressed: [UInt8] = []
        _ = Array(text.utf8).withUnsafeBytes { deflater.compress($0, into: &compressed) }
        let cut = compressed.count / 2
        let bytes =
            Self.frame(.text, compressed, compressed: true)
            + Self.frame(.text, Array(compressed[..<cut]), fin: false, compressed: true)
            + Self.frame(.continuation, Array(compressed[cut...])) + Self.frame(.text, "plain")
        for pieces in everySplit(bytes) {
            #expect(Self.events(pieces, inflater: inflater) == ["text \(text)", "text \(text)", "text plain"])
        }
        var limits = Limits()
        limits.inflatedBytes = text.utf8.count - 1
        #expect(Self.events([bytes], limits: limits, inflater: inflater) == ["failed 1009 Message too big"])
        #expect(Self.events([bytes]) == ["failed 1002 Reserved bit set"])
    }

    @Test func checksCompressedTextForUTF8AndContinuationsForTheBit() throws {
        let deflater = try #require(Deflater(level: 1, windowBits: 15, takeover: false))
        let inflater = try #require(Inflater(windowBits: 15, takeover: false))
        var compressed: [UInt8] = []
        _ = ([0x61, 0xFF] as [UInt8]).withUnsafeBytes { deflater.compress($0, into: &compressed) }
        let text = Self.frame(.text, compressed, compressed: true)
        #expect(Self.events([text], inflater: inflater) == ["failed 1007 Invalid UTF-8"])
        let binary = Self.frame(.binary, compressed, compressed: true)
        #expect(Self.events([binary], inflater: inflater) == ["binary [97, 255]"])
        let twice =
            Self.frame(.binary, compressed, fin: false, compressed: true)
            + Self.frame(.continuation, [0], compressed: true)
        #expect(Self.events([twice], inflater: inflater) == ["failed 1002 Reserved bit set in a continuation"])
    }

    @Test func randomMessagesInRandomFragmentsAndPiecesArriveWhole() throws {
        let seed = UInt64.random(in: .min ... .max)
        var generator = SeededRandom(seed: seed)
        for _ in 0..<100 {
            var bytes: [UInt8] = []
            var expected: [String] = []
            for _ in 0..<Int.random(in: 1...5, using: &generator) {
                let payload = (0..<Int.random(in: 0...400, using: &generator)).map { _ in
                    UInt8.random(in: .min ... .max, using: &generator)
                }
                var rest = payload[...]
                var opcode = WebSocketOpcode.binary
                while rest.count > 0, Bool.random(using: &generator) {
                    let count = Int.random(in: 0...rest.count, using: &generator)
                    bytes += Self.frame(opcode, Array(rest.prefix(count)), fin: false)
                    rest = rest.dropFirst(count)
                    opcode = .continuation
                }
                bytes += Self.frame(opcode, Array(rest))
                expected.append("binary \(payload)")
            }
            var pieces: [[UInt8]] = []
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Int.random(in: 1...min(rest.count, 90), using: &generator)
                pieces.append(Array(rest.prefix(count)))
                rest = rest.dropFirst(count)
            }
            #expect(Self.events(pieces) == expected, "seed \(seed)")
        }
    }
}
