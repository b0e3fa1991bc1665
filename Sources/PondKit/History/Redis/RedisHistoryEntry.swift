/// A stored broadcast as the fields of an entry in Redis.
enum RedisHistoryEntry {
    /// The fields that the script stores behind its own.
    static func fields(_ broadcast: StoredBroadcast) -> [[UInt8]] {
        [
            Array("e".utf8), Array(broadcast.event.utf8), Array("r".utf8), Array(broadcast.requestId.utf8),
            Array("t".utf8), Array((broadcast.recipients.stored ?? "").utf8), Array("p".utf8),
            broadcast.payload.bytes,
        ]
    }

    /// Reads an entry; `nil` where it is none of ours.
    static func broadcast(_ entry: RESPValue) -> StoredBroadcast? {
        guard case .array(let parts) = entry, parts.count == 2, case .bulk(let id) = parts[0],
            case .array(let fields) = parts[1],
            let offset = UInt64(String(decoding: id.prefix { $0 != UInt8(ascii: "-") }, as: UTF8.self))
        else { return nil }
        var values: [String: [UInt8]] = [:]
        for index in stride(from: 0, to: fields.count - 1, by: 2) {
            guard case .bulk(let name) = fields[index], case .bulk(let value) = fields[index + 1] else { return nil }
            values[String(decoding: name, as: UTF8.self)] = value
        }
        guard let event = values["e"], let requestId = values["r"], let recipients = values["t"],
            let payload = values["p"]
        else { return nil }
        return StoredBroadcast(
            offset: offset,
            event: String(decoding: event, as: UTF8.self),
            requestId: String(decoding: requestId, as: UTF8.self),
            recipients: Recipients(stored: recipients.isEmpty ? nil : recipients),
            payload: Payload(validated: payload)
        )
    }
}
