import PondCore
import PondServer

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

    /// The number of an entry, by its id `NUMBER-0`; `nil` where no numbering can have it.
    static func offset(_ entry: RESPValue) -> UInt64? {
        guard case .array(let parts) = entry, case .bulk(let id)? = parts.first,
            let number = UInt64(String(decoding: id.prefix { $0 != UInt8(ascii: "-") }, as: UTF8.self), radix: 10)
        else { return nil }
        return StreamPosition.sharedOffset(number).flatMap { $0 > 0 ? $0 : nil }
    }

    /// Reads an entry; `nil` where it is none of ours.
    static func broadcast(_ entry: RESPValue) -> StoredBroadcast? {
        guard case .array(let parts) = entry, parts.count == 2, case .array(let fields) = parts[1],
            let offset = self.offset(entry)
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
