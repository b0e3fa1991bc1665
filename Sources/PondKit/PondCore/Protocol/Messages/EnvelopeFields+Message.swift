extension EnvelopeFields {
    /// The message that the fields make, or the first fault in the order of the fields.
    func message(
        in bytes: UnsafeRawBufferPointer,
        from sender: MessageSender,
        limits: Limits
    ) throws(MessageFault) -> ScannedMessage {
        do throws(FieldFault) {
            guard self.isObject else { throw .notAnObject }
            var message = ScannedMessage()
            try self.readAction(into: &message, in: bytes, from: sender)
            let fromServer = sender == .server
            message.event = try self.text(self.event, "event", limits.eventNameBytes, in: bytes)
            message.channelName = try self.text(
                self.channelName,
                "channelName",
                limits.channelNameBytes,
                mayBeEmpty: fromServer,
                in: bytes
            )
            message.requestId = try self.text(
                self.requestId,
                "requestId",
                limits.requestIdBytes,
                mayBeEmpty: fromServer,
                in: bytes
            )
            switch sender {
            case .client:
                guard !self.payload.isMissing else { throw .missing("payload") }
                // The Go client joins with `null` where the program gave no parameters.
                let mayBeNull = message.clientAction == .joinChannel
                guard self.payload.isObject || mayBeNull && self.payload.isNull else {
                    throw .expected("payload", "object")
                }
                try self.readAdditions(into: &message, in: bytes, limits: limits)
                guard self.payload.isObject else { return message }
            case .server:
                if !self.offset.isAbsent {
                    message.offset = try Self.unsigned(self.offset, "offset", in: bytes)
                }
            }
            message.payload = self.payload.start..<self.payload.end
            return message
        } catch {
            throw MessageFault(message: error.words, requestId: self.readableRequestId(in: bytes, limits: limits))
        }
    }

    /// The request id where it may be echoed: a string, not empty, not over its bound.
    func readableRequestId(in bytes: UnsafeRawBufferPointer, limits: Limits) -> String? {
        let text = try? self.text(self.requestId, "requestId", limits.requestIdBytes, in: bytes)
        return text.map { ScannedMessage.string($0, in: bytes) }
    }

    private func readAction(
        into message: inout ScannedMessage,
        in bytes: UnsafeRawBufferPointer,
        from sender: MessageSender
    ) throws(FieldFault) {
        message.action = try self.text(self.action, "action", 64, in: bytes)
        switch sender {
        case .client:
            message.clientAction = Self.clientAction(message.action, in: bytes)
            guard message.clientAction != nil else {
                throw .expected("action", "one of [JOIN_CHANNEL, LEAVE_CHANNEL, BROADCAST]")
            }
        case .server:
            message.serverAction = Self.serverAction(message.action, in: bytes)
            guard message.serverAction != nil else {
                throw .expected("action", "one of [PRESENCE, SYSTEM, BROADCAST, ERROR, CONNECT]")
            }
        }
    }

    private static func clientAction(
        _ text: ScannedMessage.Text,
        in bytes: UnsafeRawBufferPointer
    ) -> ClientAction? {
        if ScannedMessage.equals(text, "BROADCAST", in: bytes) { return .broadcast }
        if ScannedMessage.equals(text, "JOIN_CHANNEL", in: bytes) { return .joinChannel }
        if ScannedMessage.equals(text, "LEAVE_CHANNEL", in: bytes) { return .leaveChannel }
        guard text.escaped else { return nil }
        return ClientAction(rawValue: ScannedMessage.string(text, in: bytes))
    }

    private static func serverAction(
        _ text: ScannedMessage.Text,
        in bytes: UnsafeRawBufferPointer
    ) -> ServerAction? {
        if ScannedMessage.equals(text, "BROADCAST", in: bytes) { return .broadcast }
        if ScannedMessage.equals(text, "SYSTEM", in: bytes) { return .system }
        if ScannedMessage.equals(text, "PRESENCE", in: bytes) { return .presence }
        return ServerAction(rawValue: ScannedMessage.string(text, in: bytes))
    }

    /// The string that a field must be.
    private func text(
        _ value: Value,
        _ name: StaticString,
        _ limit: Int,
        mayBeEmpty: Bool = false,
        in bytes: UnsafeRawBufferPointer
    ) throws(FieldFault) -> ScannedMessage.Text {
        if value.isMissing {
            if mayBeEmpty { return ScannedMessage.Text() }
            throw .missing(name)
        }
        guard value.isString else { throw .expected(name, "string") }
        let text = value.text
        guard mayBeEmpty || text.count > 0 else { throw .empty(name) }
        guard text.count > limit else { return text }
        // An escape takes up to six bytes for one of text.
        guard text.escaped, text.count / 6 <= limit else { throw .tooLong(name) }
        guard ScannedMessage.string(text, in: bytes).utf8.count <= limit else { throw .tooLong(name) }
        return text
    }

    /// What our own clients may add; `null` counts as not there.
    private func readAdditions(
        into message: inout ScannedMessage,
        in bytes: UnsafeRawBufferPointer,
        limits: Limits
    ) throws(FieldFault) {
        if !self.ack.isAbsent {
            guard self.ack.isBoolean else { throw .expected("ack", "boolean") }
            message.wantsAcknowledgement = self.ack.isTrue
        }
        if !self.presence.isAbsent {
            guard self.presence.isString else { throw .expected("presence", "string") }
            message.wantsPresenceDeltas = ScannedMessage.matches(self.presence.text, "delta", in: bytes)
        }
        if !self.recover.isAbsent {
            guard self.recover.isObject else { throw .expected("recover", "object") }
            let position = RecoverFields(of: self.recover.start..<self.recover.end, in: bytes, limits: limits)
            message.recoverEpoch = try self.text(position.epoch, "recover.epoch", limits.requestIdBytes, in: bytes)
            message.recoverOffset = try Self.unsigned(position.offset, "recover.offset", in: bytes)
        }
    }

    private static func unsigned(
        _ value: Value,
        _ name: StaticString,
        in bytes: UnsafeRawBufferPointer
    ) throws(FieldFault) -> UInt64 {
        guard !value.isMissing else { throw .missing(name) }
        // Swift reads "-0" as a number without a sign, JSON says it has one.
        guard value.first != 0x2D, let number = UInt64(String(decoding: bytes[value.start..<value.end], as: UTF8.self))
        else {
            throw .expected(name, "integer")
        }
        return number
    }
}
