/// Measuring a message before it is made.
extension ServerMessage {
    /// The bytes of a message's JSON text, with the largest number that a broadcast can have, where they are more than
    /// `limit`; else `nil`.
    package static func size(
        over limit: Int,
        event: String,
        channelName: String,
        requestIdBytes: Int,
        payload: Payload
    ) -> Int? {
        let names = event.utf8.count + channelName.utf8.count
        // An escape takes at most six bytes for one of text: nearly every message is so small that this will do.
        guard payload.bytes.count + 6 * names + requestIdBytes + Self.largestFixedCount > limit else { return nil }
        let size =
            payload.bytes.count + Self.quoted(event) + Self.quoted(channelName) + requestIdBytes
            + Self.largestFixedCount
        return size > limit ? size : nil
    }

    /// Everything but the names and the payload.
    private static let largestFixedCount =
        #"{"action":"BROADCAST","event":,"channelName":,"requestId":"","offset":18446744073709551615,"payload":}"#
        .utf8.count

    private static func quoted(_ text: String) -> Int {
        if let count = JSONPlainText.count(of: text) { return count }
        var bytes: [UInt8] = []
        JSON.string(text).write(into: &bytes)
        return bytes.count
    }
}

extension PondError {
    /// 413: a message of the server would be larger than clients accept.
    package static func tooLarge(_ event: String, in place: String, bytes: Int, limit: Int) -> PondError {
        PondError(
            code: 413,
            kind: .tooLarge,
            message: "\(event.prefix(128)) for \(place) has \(bytes) bytes; at most \(limit) can be sent in one message"
        )
    }
}
