import PondCore

extension PondError {
    /// The error that an `ERROR`, `UNAUTHORIZED` or `NOT_FOUND` message tells of, in any server's shape.
    init(answer message: ServerMessage) {
        let json = message.payload.json
        let status = json["status"]?.int ?? json["statusCode"]?.int ?? json["code"]?.int
        let code = status ?? Self.code(of: message.event)
        let text = json["message"]?.string ?? json["error"]?.string ?? json["error"]?["message"]?.string
        self.init(
            code: code,
            kind: message.event == ErrorType.invalidMessage.rawValue ? .invalidMessage : Self.kind(of: code),
            message: text ?? message.event,
            channel: message.channelName.isEmpty ? nil : message.channelName,
            temporary: code == 408 || code == 429 || code == 503 || code == 504,
            retryAfter: json["retryAfter"]?.double
        )
    }

    private static func code(of event: String) -> Int {
        switch event {
        case SystemEvent.unauthorized.rawValue, ErrorType.unauthorizedConnection.rawValue: 401
        case ErrorType.unauthorizedJoinRequest.rawValue, ErrorType.unauthorizedBroadcast.rawValue: 403
        case SystemEvent.notFound.rawValue, ErrorType.handlerNotFound.rawValue: 404
        case ErrorType.invalidMessage.rawValue: 400
        default: 500
        }
    }
}

extension PondError {
    /// The error of a message of `bytes` that must not be sent; `nil` where it is within the limit.
    static func tooLarge(_ bytes: Int, limit: Int, _ message: ClientMessage) -> PondError? {
        guard bytes > limit else { return nil }
        let text = "\(message.event) to \(message.channelName) takes \(bytes) bytes, \(limit) are allowed; send less"
        return PondError(code: 413, kind: .tooLarge, message: text, channel: message.channelName)
    }
}
