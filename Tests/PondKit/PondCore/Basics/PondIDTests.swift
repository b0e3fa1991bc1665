import Testing

@testable import PondCore

@Suite struct PondIDTests {
    @Test func makesUUIDsOfVersionFourThatDiffer() throws {
        var source = RequestIDSource()
        var ids: Set<String> = []
        for _ in 0..<1000 {
            for id in [PondID.uuid(), source.next()] {
                let digits = Array(id.utf8)
                #expect(digits.count == 36)
                #expect(id.split(separator: "-").map(\.count) == [8, 4, 4, 4, 12])
                #expect(digits[14] == UInt8(ascii: "4"))
                #expect("89ab".utf8.contains(digits[19]))
                #expect(id.allSatisfy { $0 == "-" || ($0.isHexDigit && !$0.isUppercase) })
                ids.insert(id)
            }
        }
        #expect(ids.count == 2000)
    }

    @Test func makesTokensOf128Bits() {
        let tokens = Set((0..<1000).map { _ in PondID.token() })
        #expect(tokens.count == 1000)
        #expect(tokens.allSatisfy { $0.utf8.count == 32 && $0.allSatisfy(\.isHexDigit) })
    }
}
