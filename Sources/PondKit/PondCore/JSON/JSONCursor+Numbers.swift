extension JSONCursor {
    /// Passes a number; says whether it is written as an integer.
    mutating func skipNumber() throws(JSONSyntaxFault) -> Bool {
        let start = self.index
        if self.byte == 0x2D { self.index += 1 }
        guard let first = self.byte else { throw .unexpectedEnd }
        let firstDigit = self.index
        switch first {
        case 0x30: self.index += 1
        case 0x31...0x39: self.skipDigits()
        default: throw first == 0x2D || start < self.index ? .badNumber : .expectedValue
        }
        let wholeDigits = self.index - firstDigit
        var isInteger = true
        if self.byte == 0x2E {
            isInteger = false
            self.index += 1
            try self.needDigits()
        }
        var exponent = 0
        if let letter = self.byte, letter | 0x20 == 0x65 {
            isInteger = false
            self.index += 1
            var negative = false
            if let sign = self.byte, sign == 0x2B || sign == 0x2D {
                negative = sign == 0x2D
                self.index += 1
            }
            let digits = self.index
            try self.needDigits()
            for position in digits..<self.index where exponent < 100_000_000 {
                exponent = exponent * 10 + Int(self.base[position] - 0x30)
            }
            if negative { exponent = -exponent }
        }
        // Below 10^308 it fits surely; what may not fit is rare enough to convert it and see.
        if wholeDigits + exponent > 308 {
            let text = String(
                decoding: UnsafeBufferPointer(start: self.base + start, count: self.index - start),
                as: UTF8.self
            )
            guard let value = Double(text), value.isFinite else { throw .numberTooLarge }
        }
        return isInteger
    }

    @inline(__always) private mutating func skipDigits() {
        while self.index < self.count, self.base[self.index] &- 0x30 < 10 { self.index &+= 1 }
    }

    private mutating func needDigits() throws(JSONSyntaxFault) {
        guard let first = self.byte else { throw .unexpectedEnd }
        guard first &- 0x30 < 10 else { throw .badNumber }
        self.skipDigits()
    }

    /// The value of a number that was passed before.
    static func number(_ bytes: UnsafeBufferPointer<UInt8>, isInteger: Bool) -> JSON {
        if isInteger {
            let negative = bytes.first == 0x2D
            var magnitude: UInt64 = 0
            var fits = true
            for digit in bytes.dropFirst(negative ? 1 : 0) {
                let (product, tooLarge) = magnitude.multipliedReportingOverflow(by: 10)
                let (sum, carried) = product.addingReportingOverflow(UInt64(digit - 0x30))
                if tooLarge || carried {
                    fits = false
                    break
                }
                magnitude = sum
            }
            if fits {
                if !negative { return Int64(exactly: magnitude).map(JSON.int) ?? .uint(magnitude) }
                // Negative zero is a double: an integer would lose the sign.
                if magnitude == 0 { return .double(-0.0) }
                if magnitude <= UInt64(Int64.max) { return .int(-Int64(magnitude)) }
                if magnitude == Int64.min.magnitude { return .int(.min) }
            }
        }
        return .double(Double(String(decoding: bytes, as: UTF8.self)) ?? 0)
    }
}
