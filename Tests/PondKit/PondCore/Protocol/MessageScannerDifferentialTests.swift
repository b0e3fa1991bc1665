import PondTesting
import Testing

@testable import PondCore

/// The scanner against a second reading of the same bytes: a tree, judged field by field.
@Suite struct MessageScannerDifferentialTests {
    /// What the tree says a client's message is; `nil` for a message with a fault.
    private func judge(_ bytes: [UInt8]) -> ClientMessage? {
        guard let json = try? JSON(parsing: bytes), case .object(let object) = json else { return nil }
        func text(_ name: String, _ limit: Int) -> String? {
            guard let text = object[name]?.string, !text.isEmpty, text.utf8.count <= limit else { return nil }
            return text
        }
        guard let action = object["action"]?.string.flatMap(ClientAction.init(rawValue:)) else { return nil }
        guard let event = text("event", 128), let channel = text("channelName", 256) else { return nil }
        guard let requestId = text("requestId", 128), case .object(let payload)? = object["payload"] else { return nil }
        var message = ClientMessage(
            action: action,
            event: event,
            channelName: channel,
            requestId: requestId,
            payload: Payload(payload)
        )
        switch object["ack"] {
        case nil, .null?: break
        case .bool(let value)?: message.wantsAcknowledgement = value
        default: return nil
        }
        switch object["presence"] {
        case nil, .null?: break
        case .string(let value)?: message.wantsPresenceDeltas = value == "delta"
        default: return nil
        }
        switch object["recover"] {
        case nil, .null?: break
        case .object(let position)?:
            guard let epoch = position["epoch"]?.string, !epoch.isEmpty, epoch.utf8.count <= 128 else { return nil }
            switch position["offset"] {
            case .int(let value)?:
                guard let offset = UInt64(exactly: value) else { return nil }
                message.recover = StreamPosition(epoch: epoch, offset: offset)
            case .uint(let value)?: message.recover = StreamPosition(epoch: epoch, offset: value)
            default: return nil
            }
        default: return nil
        }
        return message
    }

    private func scan(_ bytes: [UInt8], offset: Int) -> ClientMessage? {
        // At every alignment: the scanner reads whole words.
        let shifted = [UInt8](repeating: 0x22, count: offset) + bytes
        return shifted.withUnsafeBytes { buffer in
            guard var message = try? ClientMessage(parsing: UnsafeRawBufferPointer(rebasing: buffer[offset...])) else {
                return nil
            }
            message.payload = Payload(message.payload.json)
            return message
        }
    }

    private func envelope(_ random: inout SeededRandom) -> [UInt8] {
        var fields: [(String, JSON)] = [
            (
                "action",
                .string(["BROADCAST", "JOIN_CHANNEL", "LEAVE_CHANNEL", "x"].randomElement(using: &random) ?? "")
            ),
            ("event", .string("e" + random.text())), ("channelName", .string("/c" + random.text())),
            ("requestId", .string("r" + random.text())), ("payload", .object(random.object(depth: 2))),
        ]
        let additions: [(String, JSON)] = [
            ("ack", true), ("ack", nil), ("presence", "delta"), ("presence", "full"),
            ("recover", ["epoch": "e", "offset": 7]),
            ("recover", ["offset": .uint(.max), "epoch": "e"]), ("recover", ["epoch": "", "offset": 1]),
            ("unknown", [[], 1]),
            ("event", "again"), ("event", ""), ("offset", "ignored"), ("ack", 1),
        ]
        for _ in 0..<Int.random(in: 0...2, using: &random) {
            fields.append(additions.randomElement(using: &random) ?? ("", nil))
        }
        if Int.random(in: 0..<10, using: &random) == 0 { fields.removeFirst(Int.random(in: 0...4, using: &random)) }
        fields.shuffle(using: &random)
        var bytes: [UInt8] = [0x7B]
        for (index, (name, value)) in fields.enumerated() {
            if index > 0 { bytes.append(0x2C) }
            if Int.random(in: 0..<8, using: &random) == 0 {
                // The same name, spelled with an escape.
                let first = String(name.utf8.first.map { Int($0) } ?? 0x78, radix: 16)
                bytes += Array("\"\\u00\(first)\(name.dropFirst())\":".utf8)
            } else {
                bytes += Array("\"\(name)\": ".utf8)
            }
            value.write(into: &bytes)
        }
        return bytes + [0x7D]
    }

    @Test func readsEveryMessageAsTheTreeDoes() {
        var random = SeededRandom()
        print("MessageScannerDifferentialTests seed \(random.seed)")
        var accepted = 0
        for round in 0..<3000 {
            var bytes = self.envelope(&random)
            for _ in 0..<Int.random(in: 0...1, using: &random) {
                let place = bytes.indices.randomElement(using: &random) ?? 0
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes.remove(at: place)
                case 1: bytes[place] = UInt8.random(in: 0...255, using: &random)
                default: bytes.insert(Array("\"\\{}[],: ".utf8).randomElement(using: &random) ?? 0, at: place)
                }
            }
            let expected = self.judge(bytes)
            let found = self.scan(bytes, offset: round % 9)
            #expect(found == expected, "seed \(random.seed), round \(round): \(String(decoding: bytes, as: UTF8.self))")
            if expected != nil { accepted += 1 }
        }
        #expect(accepted > 300 && accepted < 2900)
    }
}
