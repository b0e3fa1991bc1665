/// Reads values of Redis' protocol, versions 2 and 3, from pieces of any size.
///
/// Attributes (`|`) are read and dropped. Depth and total size of a value are bounded; an announced count or length
/// reserves nothing.
package struct RESPDecoder {
    private enum State {
        /// Inside the line that begins every value; becomes `bulk` or stays.
        case line
        /// So many bytes of a bulk string and its line end are to come; becomes `line`.
        case bulk(type: UInt8, remaining: Int)
    }

    /// An aggregate that waits for its items.
    private struct Open {
        let type: UInt8
        var missing: Int
        var items: [RESPValue] = []
    }

    private var state = State.line
    private var line: [UInt8] = []
    private var open: [Open] = []
    /// What the value being read has taken so far, in bytes.
    private var size = 0
    private let maximumBytes: Int
    private let maximumDepth: Int

    /// Limits the bytes of a value and its nested aggregates.
    package init(maximumBytes: Int = 64 * 1024 * 1024, maximumDepth: Int = 32) {
        // Sums of lengths that a server announces stay far from the greatest integer.
        self.maximumBytes = min(max(maximumBytes, 0), .max / 8)
        self.maximumDepth = maximumDepth
    }

    /// The next whole value; `nil` says that more bytes are needed. After a fault nothing more can be read.
    package mutating func next(_ input: inout UnsafeRawBufferPointer) throws(RESPFault) -> RESPValue? {
        while let value = try self.scalarOrEmpty(&input) {
            if let whole = self.close(with: value) {
                self.size = 0
                return whole
            }
        }
        return nil
    }

    /// The next value that needs no further items; opens aggregates on the way.
    private mutating func scalarOrEmpty(_ input: inout UnsafeRawBufferPointer) throws(RESPFault) -> RESPValue? {
        while true {
            switch self.state {
            case .line:
                guard try self.readLine(&input) else { return nil }
                let line = self.line
                self.line = []
                if let value = try self.value(of: line) { return value }
            case .bulk(let type, let remaining):
                guard !input.isEmpty else { return nil }
                let count = min(remaining, input.count)
                self.line.append(contentsOf: input[..<count])
                input = UnsafeRawBufferPointer(rebasing: input[count...])
                guard count == remaining else {
                    self.state = .bulk(type: type, remaining: remaining - count)
                    return nil
                }
                self.state = .line
                guard self.line.suffix(2) == [0x0D, 0x0A] else { throw .invalidLine }
                let data = Array(self.line.dropLast(2))
                self.line = []
                return try Self.bulk(type, data)
            }
        }
    }

    /// Collects a line without its end; says whether it is whole.
    private mutating func readLine(_ input: inout UnsafeRawBufferPointer) throws(RESPFault) -> Bool {
        var taken = 0
        defer { input = UnsafeRawBufferPointer(rebasing: input[taken...]) }
        while taken < input.count {
            let byte = input[taken]
            taken += 1
            if self.line.last == 0x0D {
                guard byte == 0x0A else { throw .invalidLine }
                self.line.removeLast()
                return true
            }
            guard byte != 0x0A else { throw .invalidLine }
            guard self.line.count < 64 * 1024 else { throw .lineTooLong }
            self.line.append(byte)
            try self.count(1)
        }
        return false
    }

    /// What a line says: a value, or `nil` after the head of a bulk string or of an aggregate with items.
    private mutating func value(of line: [UInt8]) throws(RESPFault) -> RESPValue? {
        guard let type = line.first else { throw .invalidLine }
        let rest = line.dropFirst()
        switch type {
        case 0x2B: return .simple(Array(rest))
        case 0x2D: return .error(Array(rest))
        case 0x3A: return .integer(try Self.integer(rest))
        case 0x2C: return .double(try Self.double(rest))
        case 0x28:
            let digits = rest.first == 0x2D || rest.first == 0x2B ? rest.dropFirst() : rest
            guard !digits.isEmpty, digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { throw .invalidNumber }
            return .bigNumber(Array(rest))
        case 0x23:
            guard rest == [0x74] || rest == [0x66] else { throw .invalidLine }
            return .boolean(rest == [0x74])
        case 0x5F:
            guard rest.isEmpty else { throw .invalidLine }
            return .null
        case 0x24, 0x3D, 0x21:
            let length = try Self.integer(rest)
            if length == -1 { return .null }
            guard length >= 0 else { throw .invalidNumber }
            guard length <= self.maximumBytes else { throw .tooLarge }
            try self.count(Int(length) + 2)
            self.state = .bulk(type: type, remaining: Int(length) + 2)
            return nil
        case 0x2A, 0x7E, 0x3E, 0x25, 0x7C:
            return try self.aggregate(type, count: try Self.integer(rest))
        default:
            throw .unknownType(type)
        }
    }

    private mutating func aggregate(_ type: UInt8, count: Int64) throws(RESPFault) -> RESPValue? {
        if count == -1 { return .null }
        guard count >= 0 else { throw .invalidNumber }
        // Every item takes three bytes at least.
        guard count <= self.maximumBytes / 3 else { throw .tooLarge }
        let missing = type == 0x25 || type == 0x7C ? Int(count) * 2 : Int(count)
        // An attribute of nothing is followed by the value itself.
        if missing == 0 { return type == 0x7C ? nil : Self.whole(type, []) }
        guard self.open.count < self.maximumDepth else { throw .tooDeep }
        self.open.append(Open(type: type, missing: missing))
        return nil
    }

    /// Puts a value where it belongs; gives the outermost one when it is complete.
    private mutating func close(with value: RESPValue) -> RESPValue? {
        var value = value
        while var last = self.open.popLast() {
            last.items.append(value)
            last.missing -= 1
            guard last.missing == 0 else {
                self.open.append(last)
                return nil
            }
            if last.type == 0x7C { return nil }
            value = Self.whole(last.type, last.items)
        }
        return value
    }

    private mutating func count(_ bytes: Int) throws(RESPFault) {
        self.size += bytes
        if self.size > self.maximumBytes { throw .tooLarge }
    }

    private static func whole(_ type: UInt8, _ items: [RESPValue]) -> RESPValue {
        switch type {
        case 0x7E: .set(items)
        case 0x3E: .push(items)
        case 0x25:
            .map(
                stride(from: 0, to: items.count - 1, by: 2).map {
                    RESPValue.Pair(key: items[$0], value: items[$0 + 1])
                }
            )
        default: .array(items)
        }
    }

    private static func bulk(_ type: UInt8, _ data: [UInt8]) throws(RESPFault) -> RESPValue {
        switch type {
        case 0x21: return .error(data)
        case 0x3D:
            guard data.count >= 4, data[3] == 0x3A else { throw .invalidLine }
            return .verbatim(format: Array(data[..<3]), text: Array(data[4...]))
        default: return .bulk(data)
        }
    }

    private static func integer(_ text: ArraySlice<UInt8>) throws(RESPFault) -> Int64 {
        guard let number = Int64(String(decoding: text, as: UTF8.self)) else { throw .invalidNumber }
        return number
    }

    private static func double(_ text: ArraySlice<UInt8>) throws(RESPFault) -> Double {
        guard let number = Double(String(decoding: text, as: UTF8.self)) else { throw .invalidNumber }
        return number
    }
}
