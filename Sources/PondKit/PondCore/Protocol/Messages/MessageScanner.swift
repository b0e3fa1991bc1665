/// Finds the fields of a message in one pass over its bytes, without a tree or a copy.
package enum MessageScanner {
    /// Scans one JSON document; every byte of it is validated.
    package static func scan(
        _ bytes: UnsafeRawBufferPointer,
        from sender: MessageSender = .client,
        limits: Limits = .default
    ) throws(MessageFault) -> ScannedMessage {
        guard var cursor = JSONCursor(bytes) else {
            throw MessageFault(syntax: .unexpectedEnd, at: 0, requestId: nil)
        }
        var fields = EnvelopeFields()
        do {
            cursor.skipWhitespace()
            try fields.scan(&cursor, limits: limits)
            try cursor.finish()
        } catch {
            throw MessageFault(
                syntax: error,
                at: cursor.index,
                requestId: fields.readableRequestId(in: bytes, limits: limits)
            )
        }
        var message = try fields.message(in: bytes, from: sender, limits: limits)
        message.hasLoneSurrogate = cursor.hasLoneSurrogate
        return message
    }

    /// The JSON documents of one frame, which newlines separate.
    package static func documents(
        in bytes: UnsafeRawBufferPointer,
        limits: Limits = .default
    ) -> MessageDocuments {
        MessageDocuments(bytes, limit: limits.messagesPerFrame)
    }
}

extension MessageFault {
    /// A document that is not JSON.
    fileprivate init(syntax fault: JSONSyntaxFault, at byte: Int, requestId: String?) {
        self.init(message: "message: Invalid JSON: \(fault.words) at byte \(byte)", requestId: requestId)
    }
}
