import PondTesting
import Testing

@testable import PondCore

@Suite struct JSONCursorTests {
    /// Why these bytes are not one JSON value, or `nil`.
    private func fault(_ bytes: [UInt8], limits: Limits = .default) -> JSONSyntaxFault? {
        bytes.withUnsafeBytes { bytes -> JSONSyntaxFault? in
            guard var cursor = JSONCursor(bytes) else { return .unexpectedEnd }
            do throws(JSONSyntaxFault) {
                cursor.skipWhitespace()
                try cursor.skipValue(depth: 0, limits: limits)
                try cursor.finish()
                return nil
            } catch {
                return error
            }
        }
    }

    private func fault(_ text: String, limits: Limits = .default) -> JSONSyntaxFault? {
        self.fault(Array(text.utf8), limits: limits)
    }

    @Test func passesStringsOfEveryLengthAndFindsWhatIsInThemAtEveryPlace() {
        for length in 0...300 {
            let plain = [0x22] + [UInt8](repeating: 0x61, count: length) + [0x22]
            #expect(self.fault(plain) == nil)
            #expect(self.fault(plain.dropLast()) == .unexpectedEnd)
            for place in [0, 1, 7, 8, 9, length / 2, length - 9, length - 8, length - 1] where 0..<length ~= place {
                var bytes = plain
                bytes[place + 1] = 0x1F
                #expect(self.fault(bytes) == .controlCharacter, "length \(length), place \(place)")
            }
        }
        let inside: [(String, JSONSyntaxFault?)] = [
            ("\\n", nil), ("\\u0041", nil), ("\\ud83d\\ude00", nil), ("é", nil), ("日", nil), ("😀", nil),
            ("\u{7F}", nil),
            ("\n", .controlCharacter), ("\\x", .badEscape), ("\\u12g4", .badEscape), ("\\ud83d", nil), ("\\udc00", nil),
            ("\\ud83d\\n", nil), ("\\ud83d\\u0041", nil), ("\\ud83d\\ud83d", nil), ("\\ud83d\\u12g4", .badEscape),
            ("\"", .trailingData),
        ]
        for (piece, expected) in inside {
            for before in 0...33 {
                for after in [0, 1, 6, 7, 8, 9, 16, 17] {
                    let text =
                        "\"" + String(repeating: "a", count: before) + piece + String(repeating: "b", count: after)
                    let found = self.fault(text + "\"")
                    #expect(found == expected, "\(piece.debugDescription) after \(before), before \(after)")
                }
            }
        }
    }

    @Test func takesExactlyTheUTF8ThatTheStandardLibraryTakes() {
        func agrees(_ sequence: [UInt8]) -> Bool {
            guard sequence.allSatisfy({ $0 >= 0x80 }) else { return true }
            let expected = String(validating: sequence, as: UTF8.self) != nil
            return (self.fault([0x22] + sequence + [0x22]) == nil) == expected
        }
        for first in UInt8(0x80)...0xFF {
            #expect(agrees([first]))
            for second in UInt8(0x80)...0xFF {
                #expect(agrees([first, second]), "\(first) \(second)")
                guard first >= 0xE0 else { continue }
                for third: UInt8 in [0x80, 0xBF, 0xC0] {
                    #expect(agrees([first, second, third]), "\(first) \(second) \(third)")
                    for fourth: UInt8 in [0x80, 0xBF, 0xF5] {
                        #expect(agrees([first, second, third, fourth]), "\(first) \(second) \(third) \(fourth)")
                    }
                }
            }
        }
    }

    @Test(arguments: [
        "0", "-0", "10", "1.5", "1e5", "1E+5", "1e-5", "-0.0e-0", "1e308", "0e99999", "1e-99999", "true", "false",
        "null",
        "[]", "{}", " [ 1 , 2 ] ", "\t{\"a\" : [ ] }\r\n", "1797693134862315700e290", "[[],{},\"\"]",
    ])
    func takes(_ text: String) {
        #expect(self.fault(text) == nil)
    }

    @Test(
        arguments: [
            ("01", .trailingData), ("-", .unexpectedEnd), ("+1", .expectedValue), (".5", .expectedValue),
            ("1.", .unexpectedEnd),
            ("1.e5", .badNumber), ("1e", .unexpectedEnd), ("1e+", .unexpectedEnd), ("1e+x", .badNumber),
            ("--1", .badNumber),
            ("1e309", .numberTooLarge), ("-1e400", .numberTooLarge), ("1e99999999999999999999", .numberTooLarge),
            ("NaN", .expectedValue), ("Infinity", .expectedValue), ("tru", .unexpectedEnd), ("trux", .expectedValue),
            ("nul1", .expectedValue), ("[1,]", .expectedValue), ("[1 2]", .expectedCommaOrEnd), ("[", .unexpectedEnd),
            ("]", .expectedValue), ("[1}", .expectedCommaOrEnd), ("{\"a\":1]", .expectedCommaOrEnd),
            ("{\"a\"}", .expectedColon),
            ("{a:1}", .expectedKey), ("{\"a\":1,}", .expectedKey), ("{,}", .expectedKey), ("1 1", .trailingData),
            ("{} {}", .trailingData), ("'a'", .expectedValue), ("/**/1", .expectedValue), ("\u{FEFF}1", .expectedValue),
            ("", .unexpectedEnd),
        ] as [(String, JSONSyntaxFault)]
    )
    func refuses(_ text: String, _ expected: JSONSyntaxFault) {
        #expect(self.fault(text) == expected)
    }

    @Test func refusesEveryPrefixOfADocument() {
        let text = #"{"a":[1,-2.5e3,"x\u00e9\ud83d\ude00é😀",true,false,null,{"b":{}}],"c":""}"#
        #expect(self.fault(text) == nil)
        for length in 0..<text.utf8.count {
            #expect(self.fault(Array(text.utf8.prefix(length))) != nil, "prefix \(length)")
        }
    }

    @Test func stopsAtTheDepthAndMemberLimitsAndNeverOverflowsTheStack() {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(self.fault(nested(128)) == nil)
        #expect(self.fault(nested(129)) == .tooDeep)
        #expect(self.fault(String(repeating: "[", count: 1_000_000)) == .tooDeep)
        #expect(self.fault(String(repeating: "{\"a\":", count: 100_000)) == .tooDeep)
        var limits = Limits.default
        limits.jsonDepth = .max
        #expect(self.fault(nested(256), limits: limits) == nil)
        #expect(self.fault(nested(257), limits: limits) == .tooDeep)
        limits.jsonKeys = 3
        #expect(self.fault("[[1,2,3],[1,2,3],{\"a\":1,\"a\":1,\"a\":1}]", limits: limits) == nil)
        #expect(self.fault("[1,2,3,4]", limits: limits) == .tooManyMembers)
        #expect(self.fault("{\"a\":1,\"a\":1,\"a\":1,\"a\":1}", limits: limits) == .tooManyMembers)
        limits.jsonKeys = 0
        #expect(self.fault("[]", limits: limits) == nil)
        #expect(self.fault("[1]", limits: limits) == .tooManyMembers)
        limits.jsonDepth = 0
        #expect(self.fault("[]", limits: limits) == .tooDeep)
        #expect(self.fault("1", limits: limits) == nil)
    }

    @Test func agreesWithTheTreeParserOnMutatedDocuments() {
        var random = SeededRandom()
        print("JSONCursorTests seed \(random.seed)")
        var accepted = 0
        for round in 0..<3000 {
            var bytes: [UInt8] = []
            random.json(depth: 3).write(into: &bytes)
            for _ in 0..<Int.random(in: 0...2, using: &random) where !bytes.isEmpty {
                let place = bytes.indices.randomElement(using: &random) ?? 0
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes.remove(at: place)
                case 1: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 2: bytes.insert(Array("\"\\{}[],:0-.eE \n".utf8).randomElement(using: &random) ?? 0, at: place)
                default: bytes.removeLast(bytes.count - place)
                }
            }
            let tree = try? JSON(parsing: bytes)
            let fault = self.fault(bytes)
            #expect((tree != nil) == (fault == nil), "seed \(random.seed), round \(round): \(bytes)")
            if fault == nil { accepted += 1 }
        }
        #expect(accepted > 100 && accepted < 3000)
    }
}
