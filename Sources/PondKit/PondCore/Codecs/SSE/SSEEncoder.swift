/// Writes an event stream.
package enum SSEEncoder {
    /// Appends one event. Line ends in `data` become lines of their own; a name or id cannot end its line early.
    package static func append(
        event: String,
        data: [UInt8],
        id: String? = nil,
        to bytes: inout [UInt8]
    ) {
        if let id { self.appendField("id: ", id, to: &bytes) }
        if !event.isEmpty { self.appendField("event: ", event, to: &bytes) }
        var previous: UInt8 = 0
        bytes.append(contentsOf: "data: ".utf8)
        for byte in data {
            switch byte {
            case 0x0A where previous == 0x0D:
                break
            case 0x0A, 0x0D:
                bytes.append(contentsOf: "\ndata: ".utf8)
            default:
                bytes.append(byte)
            }
            previous = byte
        }
        bytes.append(0x0A)
        bytes.append(0x0A)
    }

    /// A line that says nothing but that the stream lives.
    package static func comment(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        self.appendField(": ", text, to: &bytes)
        bytes.append(0x0A)
        return bytes
    }

    /// The `id:` of a position in a channel's history.
    package static func id(_ position: StreamPosition) -> String { "\(position.epoch):\(position.offset)" }

    /// The position that an `id:` stands for.
    static func position(id: String) -> StreamPosition? {
        guard let colon = id.lastIndex(of: ":"), let offset = UInt64(id[id.index(after: colon)...]) else { return nil }
        return StreamPosition(epoch: String(id[..<colon]), offset: offset)
    }

    private static func appendField(_ name: String, _ value: String, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: name.utf8)
        for byte in value.utf8 where byte >= 0x20 && byte != 0x7F { bytes.append(byte) }
        bytes.append(0x0A)
    }
}
