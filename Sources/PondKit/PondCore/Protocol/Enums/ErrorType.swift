/// The event names of ERROR messages.
public enum ErrorType: String, Sendable, CaseIterable {
    case unauthorizedConnection = "UNAUTHORIZED_CONNECTION"
    case unauthorizedJoinRequest = "UNAUTHORIZED_JOIN_REQUEST"
    case unauthorizedBroadcast = "UNAUTHORIZED_BROADCAST"
    case invalidMessage = "INVALID_MESSAGE"
    case handlerNotFound = "HANDLER_NOT_FOUND"
    case presenceError = "PRESENCE_ERROR"
    case channelError = "CHANNEL_ERROR"
    case endpointError = "ENDPOINT_ERROR"
    case internalServerError = "INTERNAL_SERVER_ERROR"
}
