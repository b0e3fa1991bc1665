import PondKit
import PondTesting

extension SeededRandom {
    /// A JSON value of any kind, at most so deep.
    mutating func json(depth: Int) -> JSON {
        switch Int.random(in: 0..<(depth > 0 ? 9 : 7), using: &self) {
        case 0: .null
        case 1: .bool(.random(using: &self))
        case 2: .int(self.interestingInteger())
        case 3: .uint(.random(in: (UInt64(Int64.max) + 1) ... .max, using: &self))
        case 4: .double(self.finiteDouble())
        case 5, 6: .string(self.text())
        case 7: .array((0..<Int.random(in: 0..<5, using: &self)).map { _ in self.json(depth: depth - 1) })
        default: .object(self.object(depth: depth - 1))
        }
    }

    mutating func object(depth: Int) -> JSONObject {
        JSONObject((0..<Int.random(in: 0..<25, using: &self)).map { _ in (self.text(), self.json(depth: depth - 1)) })
    }

    /// Text with everything in it that matters to JSON.
    mutating func text() -> String {
        let pieces = [
            "a", "plain words of some length", "\"", "\\", "/", "\n", "\u{0}", "\u{1F}", "\u{7F}", "é", "日本", "😀",
            "\u{FFFF}",
            "\u{10FFFF}", "\u{2028}", "\r\n", "{", "]", ":",
        ]
        return (0..<Int.random(in: 0..<8, using: &self)).map { _ in pieces.randomElement(using: &self) ?? "" }.joined()
    }

    private mutating func interestingInteger() -> Int64 {
        [0, 1, -1, .min, .max, .random(in: .min ... .max, using: &self), .random(in: -999...999, using: &self)]
            .randomElement(using: &self) ?? 0
    }

    private mutating func finiteDouble() -> Double {
        while true {
            let value = Double(bitPattern: self.next())
            if value.isFinite { return value }
        }
    }
}
