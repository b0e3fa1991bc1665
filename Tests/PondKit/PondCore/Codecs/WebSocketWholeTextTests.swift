import PondTesting
import Testing

@testable import PondCore
@testable import PondNet

/// The short way must be no other way: what it takes, a machine would have given, and what it leaves is as it was.
@Suite struct WebSocketWholeTextTests {
    private static let mask = WebSocketMask(littleEndian: 0x8A3C_5F01)

    private static func text(_ bytes: [UInt8]) -> [UInt8] {
        WebSocketFrameEncoder.frame(.text, bytes, mask: Self.mask)
    }

    private struct Taken: Equatable {
        var text: [UInt8]?
        /// The input afterwards.
        var rest: [UInt8]
    }

    private static func take(_ bytes: [UInt8], maximumBytes: Int = .max) -> Taken {
        var bytes = bytes
        return bytes.withUnsafeMutableBytes { bytes in
            var input = bytes
            let text = WebSocketWholeText.take(&input, maximumBytes: maximumBytes).map { Array($0) }
            return Taken(text: text, rest: Array(input))
        }
    }

    /// What a machine makes of a message, `nil` where it fails or waits.
    private static func read(_ bytes: [UInt8]) -> [UInt8]? {
        var machine = WebSocketMachine(role: .server, limits: .default)
        var bytes = bytes
        return bytes.withUnsafeMutableBytes { bytes in
            var input = bytes
            guard case .message(let message, isText: true) = machine.next(&input) else { return nil }
            return Array(message)
        }
    }

    @Test func takesEveryLengthThatAFrameOfOneReadHas() {
        for length in Array(1...300) + [65_534, 65_535] {
            let text = (0..<length).map { UInt8(truncatingIfNeeded: $0) & 0x7F }
            #expect(Self.take(Self.text(text) + [1, 2]) == Taken(text: text, rest: [1, 2]), "length \(length)")
        }
    }

    @Test func leavesWhatIsNotAllThereAsItWas() {
        let frame = Self.text(Array("grüße an alle".utf8))
        for count in 0..<frame.count {
            let part = Array(frame[..<count])
            #expect(Self.take(part) == Taken(text: nil, rest: part))
        }
    }

    private static let others: [(String, [UInt8])] = [
        ("a piece of a message", WebSocketFrameEncoder.frame(.text, [65], isFinal: false, mask: Self.mask)),
        ("binary", WebSocketFrameEncoder.frame(.binary, [65], mask: Self.mask)),
        ("a ping", WebSocketFrameEncoder.frame(.ping, [65], mask: Self.mask)),
        ("compressed", WebSocketFrameEncoder.frame(.text, [65], isCompressed: true, mask: Self.mask)),
        ("not masked", WebSocketFrameEncoder.frame(.text, Array("plain enough".utf8))),
        ("empty", Self.text([]) + Self.text([65])),
        ("long", Self.text([UInt8](repeating: 65, count: 65_536))),
        ("not UTF-8", Self.text([0x41, 0xC3])),
        ("a surrogate", Self.text(Array("123456789".utf8) + [0xED, 0xA0, 0x80])),
        ("not the shortest form", [0x81, 0xFE, 0, 3, 0, 0, 0, 0, 65, 65, 65]),
    ]

    @Test(arguments: Self.others)
    func leavesToTheMachineWhatIsNoWholeText(_ what: String, _ bytes: [UInt8]) {
        #expect(Self.take(bytes) == Taken(text: nil, rest: bytes), "\(what)")
    }

    @Test func leavesToTheMachineWhatIsTooLong() {
        let frame = Self.text([65, 66, 67])
        #expect(Self.take(frame, maximumBytes: 2) == Taken(text: nil, rest: frame))
        #expect(Self.take(frame, maximumBytes: 3).text == [65, 66, 67])
    }

    @Test func agreesWithTheMachineOnAnyBytes() {
        let seed = UInt64.random(in: .min ... .max)
        var random = SeededRandom(seed: seed)
        for _ in 0..<20_000 {
            let length = Int.random(in: 1...40, using: &random)
            // Bytes above ASCII are few, so that some of it is valid.
            let text = (0..<length).map { _ in
                UInt8.random(in: 0...12, using: &random) == 0
                    ? UInt8.random(in: .min ... .max, using: &random) : UInt8.random(in: 32...126, using: &random)
            }
            let frame = Self.text(text)
            let taken = Self.take(frame)
            #expect(taken.text == Self.read(frame), "seed \(seed): \(text)")
            #expect(taken.rest == (taken.text == nil ? frame : []), "seed \(seed): \(text)")
        }
    }
}
