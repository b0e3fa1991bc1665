import Testing

@testable import PondCore

@Suite struct UTF8ValidatorTests {
    private static func isValid(_ pieces: [[UInt8]]) -> Bool {
        var validator = UTF8Validator()
        return pieces.allSatisfy { piece in piece.withUnsafeBytes { validator.consume($0) } } && validator.isComplete
    }

    @Test func agreesWithTheStandardLibraryOnEverySequenceOfThreeInterestingBytes() {
        let bytes: [UInt8] = [
            0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE,
            0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xF8, 0xFF,
        ]
        for first in bytes {
            for second in bytes {
                for third in bytes {
                    let sequence = [first, second, third]
                    let expected = String(validating: sequence, as: UTF8.self) != nil
                    #expect(Self.isValid([sequence]) == expected, "\(sequence)")
                    #expect(
                        Self.isValid([sequence + [0x80]])
                            == (String(validating: sequence + [0x80], as: UTF8.self) != nil)
                    )
                }
            }
        }
    }

    @Test func takesTextAtEverySplitAndBehindAnyRunOfASCII() {
        let text = "abcdefgh κόσμε 日本語 👩‍🚀 \u{10FFFF} end of text"
        for pieces in everySplit(Array(text.utf8)) { #expect(Self.isValid(pieces)) }
        for length in 0..<20 {
            let run = [UInt8](repeating: 0x61, count: length)
            #expect(Self.isValid([run + [0xC3, 0xA4] + run]))
            #expect(!Self.isValid([run + [0xC3] + run + [0x61]]))
            #expect(!Self.isValid([run + [0xC3]]))
        }
    }

    @Test func failsAtTheFirstByteThatCannotStandThere() {
        var validator = UTF8Validator()
        #expect(([0xF4] as [UInt8]).withUnsafeBytes { validator.consume($0) })
        #expect(!([0x90] as [UInt8]).withUnsafeBytes { validator.consume($0) })
    }
}
