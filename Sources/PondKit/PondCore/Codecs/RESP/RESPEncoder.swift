/// Writes commands and values of Redis' protocol.
package enum RESPEncoder {
    /// Appends a command with its arguments.
    package static func append(command: [[UInt8]], to bytes: inout [UInt8]) {
        self.append(0x2A, command.count, to: &bytes)
        for argument in command { self.append(0x24, argument, to: &bytes) }
    }

    /// A command with its arguments.
    package static func command(_ arguments: String...) -> [UInt8] {
        var bytes: [UInt8] = []
        self.append(command: arguments.map { Array($0.utf8) }, to: &bytes)
        return bytes
    }

    /// Appends any value, as a server would; types of RESP3 are written as such.
    static func append(_ value: RESPValue, to bytes: inout [UInt8]) {
        switch value {
        case .null: bytes.append(contentsOf: "_\r\n".utf8)
        case .simple(let text): self.append(0x2B, line: text, to: &bytes)
        case .error(let text) where text.contains(0x0D) || text.contains(0x0A): self.append(0x21, text, to: &bytes)
        case .error(let text): self.append(0x2D, line: text, to: &bytes)
        case .integer(let number): self.append(0x3A, line: Array(String(number).utf8), to: &bytes)
        case .bulk(let data): self.append(0x24, data, to: &bytes)
        case .double(let number): self.append(0x2C, line: Array(self.text(number).utf8), to: &bytes)
        case .boolean(let flag): bytes.append(contentsOf: (flag ? "#t\r\n" : "#f\r\n").utf8)
        case .bigNumber(let digits): self.append(0x28, line: digits, to: &bytes)
        case .verbatim(let format, let text): self.append(0x3D, format + [0x3A] + text, to: &bytes)
        case .array(let items): self.append(0x2A, items, to: &bytes)
        case .set(let items): self.append(0x7E, items, to: &bytes)
        case .push(let items): self.append(0x3E, items, to: &bytes)
        case .map(let pairs):
            self.append(0x25, pairs.count, to: &bytes)
            for pair in pairs {
                self.append(pair.key, to: &bytes)
                self.append(pair.value, to: &bytes)
            }
        }
    }

    private static func text(_ number: Double) -> String {
        if number.isNaN { return "nan" }
        if number.isInfinite { return number < 0 ? "-inf" : "inf" }
        return "\(number)"
    }

    private static func append(_ type: UInt8, _ count: Int, to bytes: inout [UInt8]) {
        bytes.append(type)
        bytes.append(contentsOf: String(count).utf8)
        bytes.append(contentsOf: "\r\n".utf8)
    }

    private static func append(_ type: UInt8, _ data: [UInt8], to bytes: inout [UInt8]) {
        self.append(type, data.count, to: &bytes)
        bytes.append(contentsOf: data)
        bytes.append(contentsOf: "\r\n".utf8)
    }

    private static func append(_ type: UInt8, _ items: [RESPValue], to bytes: inout [UInt8]) {
        self.append(type, items.count, to: &bytes)
        for item in items { self.append(item, to: &bytes) }
    }

    /// A line cannot hold its own end.
    private static func append(_ type: UInt8, line: [UInt8], to bytes: inout [UInt8]) {
        bytes.append(type)
        bytes.append(contentsOf: line.lazy.filter { $0 != 0x0D && $0 != 0x0A })
        bytes.append(contentsOf: "\r\n".utf8)
    }
}
