import PondCore

/// The frames that the framework itself sends.
enum ServerFrames {
    /// The greeting; `session` is the token that gives the session back, and for how long.
    ///
    /// `messageBytes` is the limit of what the client may send.
    static func connection(
        userId: String,
        connectionId: String,
        session: (token: String, grace: Duration)?,
        messageBytes: Int
    ) -> Frame {
        // Every connection begins with this message, so its text is written without a tree.
        var text: [UInt8] = []
        text.reserveCapacity(256)
        text.append(contentsOf: "{\"id\":".utf8)
        JSON.string(userId).write(into: &text)
        text.append(contentsOf: ",\"connectionId\":".utf8)
        JSON.string(connectionId).write(into: &text)
        text.append(contentsOf: ",\"pond\":{\"v\":2".utf8)
        if let session {
            text.append(contentsOf: ",\"session\":".utf8)
            JSON.string(session.token).write(into: &text)
            text.append(contentsOf: ",\"resume\":".utf8)
            JSON.int(Int64(session.grace.inSeconds)).write(into: &text)
            text.append(contentsOf: ",\"maxBytes\":".utf8)
            JSON.int(Int64(clamping: messageBytes)).write(into: &text)
        }
        text.append(contentsOf: "}}".utf8)
        return Self.gateway(.connect, SystemEvent.connection.rawValue, Payload(validated: text))
    }

    static func delivered(_ channel: String, requestId: String) -> Frame {
        Self.message(.system, SystemEvent.delivered.rawValue, channel, requestId, .empty)
    }

    static func reconnect(after milliseconds: Int64) -> Frame {
        Self.gateway(.system, SystemEvent.reconnect.rawValue, ["after": .int(milliseconds)])
    }

    static func acknowledge(_ channel: String, requestId: String, payload: Payload = .empty) -> Frame {
        Self.message(.system, SystemEvent.acknowledge.rawValue, channel, requestId, payload)
    }

    static func exitAcknowledge(_ channel: String, requestId: String) -> Frame {
        Self.message(.system, SystemEvent.exitAcknowledge.rawValue, channel, requestId, .empty)
    }

    /// The one shape that every reference client takes for a declined join.
    static func declined(_ channel: String, requestId: String, _ error: PondError) -> Frame {
        var payload: JSONObject = [
            "code": .int(Int64(error.code)), "message": .string(Self.shortened(error.message)),
            "status": .int(Int64(error.code)),
        ]
        if let seconds = error.retryAfter, seconds.isFinite { payload["retryAfter"] = .double(seconds) }
        return Self.message(.system, SystemEvent.unauthorized.rawValue, channel, requestId, Payload(payload))
    }

    static func notFound(_ channel: String, requestId: String) -> Frame {
        Self.message(
            .system,
            SystemEvent.notFound.rawValue,
            channel,
            requestId,
            ["channel": .string(channel), "code": 404, "message": "You are not a member of this channel"]
        )
    }

    static func evicted(_ channel: String, reason: String) -> Frame {
        Self.message(
            .system,
            SystemEvent.evicted.rawValue,
            channel,
            PondID.uuid(),
            ["reason": .string(Self.shortened(reason))]
        )
    }

    static func handlerNotFound(_ channel: String, requestId: String, event: String) -> Frame {
        Self.error(.handlerNotFound, channel, requestId, .notFound("No handler for the event \(event)"))
    }

    /// The error frame for a failed handler: the message of a `PondError`, and no details of any other error.
    static func failure(_ channel: String, requestId: String, _ error: any Error) -> Frame {
        guard let error = error as? PondError else {
            return Self.error(.internalServerError, channel, requestId, .internalError("Internal Server Error"))
        }
        switch error.kind {
        case .presence: return Self.error(.presenceError, channel, requestId, error)
        case .invalidMessage: return Self.error(.invalidMessage, channel, requestId, error)
        default: return Self.error(.channelError, channel, requestId, error)
        }
    }

    static func invalid(_ fault: MessageFault) -> Frame {
        let id = fault.requestId ?? PondID.uuid()
        return Self.error(.invalidMessage, SystemEntity.gateway.rawValue, id, .badRequest(fault.message))
    }

    static func reply(_ channel: String, requestId: String, event: String, _ payload: Payload) -> Frame {
        Self.message(.system, event, channel, requestId, payload)
    }

    static func gateway(_ action: ServerAction, _ event: String, _ payload: Payload) -> Frame {
        Self.message(action, event, SystemEntity.gateway.rawValue, PondID.uuid(), payload)
    }

    private static func error(_ type: ErrorType, _ channel: String, _ requestId: String, _ error: PondError) -> Frame {
        var payload: JSONObject = [
            "code": .string(type.rawValue), "message": .string(Self.shortened(error.message)),
            "status": .int(Int64(error.code)),
        ]
        if type == .invalidMessage { payload["error"] = .string(Self.shortened(error.message)) }
        if let seconds = error.retryAfter, seconds.isFinite { payload["retryAfter"] = .double(seconds) }
        return Self.message(.error, type.rawValue, channel, requestId, Payload(payload))
    }

    /// Bytes of a reason or an error message: handlers may make them of what a client sent.
    private static let wordsBytes = 4096

    private static func shortened(_ words: String) -> String {
        guard words.utf8.count > Self.wordsBytes else { return words }
        return String(decoding: words.utf8.prefix(Self.wordsBytes), as: UTF8.self) + "…"
    }

    private static func message(
        _ action: ServerAction,
        _ event: String,
        _ channel: String,
        _ requestId: String,
        _ payload: Payload
    ) -> Frame {
        ServerMessage(action: action, event: event, channelName: channel, requestId: requestId, payload: payload)
            .frame()
    }
}
