/// A stored broadcast as the fields of an entry in Redis.
enum RedisHistoryEntry {
    /// The fields that the script stores behind its own.
    static func fields(_ broadcast: StoredBroadcast) -> [[UInt8]] {
        [
            Array("e".utf8), Array(broadcast.event.utf8), Array("r".utf8), Array(broadcast.requestId.utf8),
            Array("t".utf8), Array((Self.text(of: broadcast.recipients) ?? "").utf8), Array("p".utf8),
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
            recipients: Self.recipients(recipients),
            payload: Payload(validated: payload)
        )
    }

    /// Nothing for all, a string for all but one, an array for some.
    private static func text(of recipients: Recipients) -> String? {
        switch recipients {
        case .all: nil
        case .allExcept(let id): JSON.string(id).text
        case .users(let ids): JSON.array(ids.map(JSON.string)).text
        }
    }

    private static func recipients(_ text: [UInt8]) -> Recipients {
        guard !text.isEmpty else { return .all }
        // What cannot be read is for nobody: it must not reach who it was not for.
        guard let json = try? JSON(parsing: text) else { return .users([]) }
        if let id = json.string { return .allExcept(id) }
        return .users(json.array?.compactMap(\.string) ?? [])
    }
}
