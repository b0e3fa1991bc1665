import Testing

@testable import PondCore

@Suite struct RESPCodecTests {
    private static func decode(_ pieces: [[UInt8]], bytes: Int = 10_000, depth: Int = 8) -> ([RESPValue], RESPFault?) {
        var decoder = RESPDecoder(maximumBytes: bytes, maximumDepth: depth)
        var values: [RESPValue] = []
        for piece in pieces {
            let fault = piece.withUnsafeBytes { bytes -> RESPFault? in
                var input = bytes
                do throws(RESPFault) {
                    while let value = try decoder.next(&input) { values.append(value) }
                } catch { return error }
                return nil
            }
            if let fault { return (values, fault) }
        }
        return (values, nil)
    }

    private static func fault(_ text: String, bytes: Int = 10_000, depth: Int = 8) -> RESPFault? {
        self.decode([Array(text.utf8)], bytes: bytes, depth: depth).1
    }

    private static let values: [(String, RESPValue)] = [
        ("+OK\r\n", .simple(Array("OK".utf8))),
        ("-ERR no\r\n", .error(Array("ERR no".utf8))),
        (":-42\r\n", .integer(-42)),
        ("$0\r\n\r\n", .bulk([])),
        ("$4\r\na\r\nb\r\n", .bulk(Array("a\r\nb".utf8))),
        ("$-1\r\n", .null), ("*-1\r\n", .null), ("_\r\n", .null),
        ("*0\r\n", .array([])),
        ("*2\r\n*1\r\n:1\r\n~2\r\n+a\r\n_\r\n", .array([.array([.integer(1)]), .set([.simple([0x61]), .null])])),
        ("#t\r\n", .boolean(true)), (",-1.5\r\n", .double(-1.5)), (",inf\r\n", .double(.infinity)),
        ("(-12345678901234567890\r\n", .bigNumber(Array("-12345678901234567890".utf8))),
        ("!5\r\nOH NO\r\n", .error(Array("OH NO".utf8))),
        ("=7\r\ntxt:abc\r\n", .verbatim(format: Array("txt".utf8), text: Array("abc".utf8))),
        ("%1\r\n+k\r\n*0\r\n", .map([RESPValue.Pair(key: .simple([0x6B]), value: .array([]))])),
        (">2\r\n+a\r\n:1\r\n", .push([.simple([0x61]), .integer(1)])),
        ("*2\r\n|1\r\n+k\r\n:9\r\n:1\r\n:2\r\n", .array([.integer(1), .integer(2)])),
        ("|0\r\n:3\r\n", .integer(3)),
    ]

    @Test(arguments: Self.values)
    func readsEveryTypeAtEverySplit(text: String, value: RESPValue) {
        for pieces in everySplit(Array((text + text).utf8)) {
            let (values, fault) = Self.decode(pieces)
            #expect(values == [value, value] && fault == nil)
        }
    }

    private static let faults: [(String, RESPFault)] = [
        ("?x\r\n", .unknownType(0x3F)), ("\r\n", .invalidLine), ("+a\n", .invalidLine), ("+a\rb", .invalidLine),
        (":\r\n", .invalidNumber), (":1x\r\n", .invalidNumber), (":99999999999999999999\r\n", .invalidNumber),
        ("$-2\r\n", .invalidNumber), ("*-2\r\n", .invalidNumber), ("$2\r\nabc\r\n", .invalidLine),
        ("#x\r\n", .invalidLine), ("_x\r\n", .invalidLine), (",x\r\n", .invalidNumber), ("(1x\r\n", .invalidNumber),
        ("=3\r\ntxt\r\n", .invalidLine), ("$20000\r\n", .tooLarge), ("*9999999999\r\n", .tooLarge),
        ("%9223372036854775807\r\n", .tooLarge), ("$9223372036854775807\r\n", .tooLarge),
    ]

    @Test(arguments: Self.faults)
    func refusesWhatIsNotTheProtocol(text: String, fault: RESPFault) {
        for pieces in everySplit(Array(text.utf8)) { #expect(Self.decode(pieces).1 == fault) }
    }

    @Test func boundsDepthLinesAndTotalSize() {
        let nested = String(repeating: "*1\r\n", count: 8)
        #expect(Self.fault(nested + ":1\r\n") == nil)
        #expect(Self.fault(nested + "*1\r\n") == .tooDeep)
        #expect(Self.fault("+" + String(repeating: "a", count: 70_000), bytes: 1_000_000) == .lineTooLong)
        #expect(Self.fault("*3000\r\n" + String(repeating: "$3\r\nabc\r\n", count: 3000)) == .tooLarge)
        #expect(Self.fault(String(repeating: "$3\r\nabc\r\n", count: 3000)) == nil)
    }

    @Test func whatIsWrittenIsReadAgain() {
        let value = RESPValue.map([
            RESPValue.Pair(key: .bulk([13, 10]), value: .push([.double(.infinity), .double(0.1), .boolean(false)])),
            RESPValue.Pair(key: .verbatim(format: [1, 2, 3], text: []), value: .set([.null, .bigNumber([0x31])])),
            RESPValue.Pair(key: .error([0x65]), value: .error([0x65, 13, 10])),
            RESPValue.Pair(key: .error([]), value: .array([.simple([]), .integer(.min)])),
        ])
        var bytes: [UInt8] = []
        RESPEncoder.append(value, to: &bytes)
        #expect(Self.decode([bytes]).0 == [value])
        #expect(RESPEncoder.command("GET", "ä") == Array("*2\r\n$3\r\nGET\r\n$2\r\nä\r\n".utf8))
        bytes = []
        RESPEncoder.append(.simple(Array("a\r\nb".utf8)), to: &bytes)
        #expect(bytes == Array("+ab\r\n".utf8))
    }
}
