import PondCore

/// The bytes of an outbox file: a first line that names the format, then one checked line per change.
///
/// A line is a checksum in hexadecimal digits, a space, and the change as JSON. A write that was cut off, and a byte
/// that the disk changed, cost the line they are in.
enum OutboxLog {
    static let head = Array("pond-outbox 1\n".utf8)

    /// The line of a change.
    static func line(_ change: OutboxChange) -> [UInt8] {
        var text: [UInt8] = []
        change.json.write(into: &text)
        var line = Self.digits(of: Self.checksum(text))
        line.append(0x20)
        line += text
        line.append(0x0A)
        return line
    }

    /// The file that makes `state` of an empty state.
    static func file(_ state: StoredOutbox) -> [UInt8] {
        state.changes.reduce(into: Self.head) { $0 += Self.line($1) }
    }

    /// The state that a file holds, and how many lines were damaged; `nil` where it is not an outbox file.
    static func read(_ bytes: [UInt8], limits: Limits) -> (state: StoredOutbox, damaged: Int)? {
        guard bytes.starts(with: Self.head) else {
            // The first write itself was cut off.
            return Self.head.starts(with: bytes) ? (StoredOutbox(), 0) : nil
        }
        var state = StoredOutbox()
        var damaged = 0
        for line in bytes.dropFirst(Self.head.count).split(separator: 0x0A) {
            if let change = Self.change(line, limits: limits) { state.apply(change) } else { damaged += 1 }
        }
        return (state, damaged)
    }

    private static func change(_ line: ArraySlice<UInt8>, limits: Limits) -> OutboxChange? {
        guard line.count > 17 else { return nil }
        let text = Array(line.dropFirst(17))
        guard line.starts(with: Self.digits(of: Self.checksum(text)) + [0x20]) else { return nil }
        return (try? JSON(parsing: text, limits: limits)).flatMap { OutboxChange($0) }
    }

    /// FNV-1a, 64 bits: against accidents, not against an attacker.
    private static func checksum(_ bytes: [UInt8]) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
    }

    private static func digits(of value: UInt64) -> [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        return stride(from: 60, through: 0, by: -4).map { digits[Int(value >> UInt64($0) & 0xF)] }
    }
}
