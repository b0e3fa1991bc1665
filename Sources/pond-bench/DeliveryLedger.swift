import PondKit

/// Counts what arrived, what is missing, what came twice or out of order, and how long it took.
struct DeliveryLedger {
    private(set) var delivered = 0
    private(set) var lost = 0
    /// Numbers that had come before: doubled, or out of order.
    private(set) var repeated = 0
    private(set) var malformed = 0
    private(set) var latencies = LatencyHistogram()
    private let verifies: Bool
    private let event: String
    private let padding: Int

    init(verifies: Bool, event: String, padding: Int) {
        self.verifies = verifies
        self.event = event
        self.padding = padding
    }

    /// Enters a delivery; true when it is the next one of its connection.
    mutating func enter(_ connection: LoadConnection, _ text: UnsafeRawBufferPointer, now: UInt64) -> Bool {
        guard let (number, sent) = Self.stamps(text, hint: &connection.numberOffset) else {
            self.malformed += 1
            return false
        }
        if self.verifies, !self.isRight(text, number, connection) { self.malformed += 1 }
        if number < connection.expected {
            self.repeated += 1
            return false
        }
        self.lost += number - connection.expected
        connection.expected = number + 1
        self.delivered += 1
        self.latencies.add(now > sent ? now - sent : 0)
        return true
    }

    /// A connection that should have had so many deliveries is done.
    mutating func finish(_ connection: LoadConnection, sent: Int) { self.lost += sent - connection.expected }

    /// Begins to measure: forgets what came before, but not what is wrong.
    mutating func restart() {
        self.delivered = 0
        self.latencies = LatencyHistogram()
    }

    var isClean: Bool { self.lost == 0 && self.repeated == 0 && self.malformed == 0 }

    /// `{"n":NUMBER,"t":NANOSECONDS,…}` anywhere in the text; tried first where it was the last time.
    private static func stamps(_ text: UnsafeRawBufferPointer, hint: inout Int) -> (number: Int, sent: UInt64)? {
        if !Self.isKey(text, at: hint, "n") {
            guard let found = text.indices.first(where: { Self.isKey(text, at: $0, "n") }) else { return nil }
            hint = found
        }
        var offset = hint + 4
        guard let number = Self.integer(text, &offset) else { return nil }
        while offset < text.count, !Self.isKey(text, at: offset, "t") { offset += 1 }
        offset += 4
        guard let sent = Self.integer(text, &offset) else { return nil }
        return (Int(number), sent)
    }

    private static func isKey(_ text: UnsafeRawBufferPointer, at offset: Int, _ key: Unicode.Scalar) -> Bool {
        offset + 4 < text.count && text[offset] == UInt8(ascii: "\"") && text[offset + 1] == UInt8(ascii: key)
            && text[offset + 2] == UInt8(ascii: "\"") && text[offset + 3] == UInt8(ascii: ":")
    }

    private static func integer(_ text: UnsafeRawBufferPointer, _ offset: inout Int) -> UInt64? {
        var value: UInt64 = 0
        let start = offset
        // Some servers write a space after the colon.
        while offset < text.count, text[offset] == 32 { offset += 1 }
        while offset < text.count, case let digit = text[offset] &- UInt8(ascii: "0"), digit < 10 {
            value = value &* 10 &+ UInt64(digit)
            offset += 1
        }
        return offset == start ? nil : value
    }

    private func isRight(_ text: UnsafeRawBufferPointer, _ number: Int, _ connection: LoadConnection) -> Bool {
        guard
            case .object(let message)? = try? JSON(parsing: Array(text)),
            case .object(let payload)? = message["payload"]
        else { return false }
        return message["channelName"] == .string(connection.channelName)
            && message["event"] == .string(self.event)
            && payload["pad"] == .string(LoadMessage.padding(self.padding))
            && payload["n"]?.text == "\(number)"
    }
}
