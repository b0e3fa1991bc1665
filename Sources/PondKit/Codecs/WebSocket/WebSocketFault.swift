/// A breach of the WebSocket protocol or of a limit, and the code to close with.
struct WebSocketFault: Error, Hashable {
    let code: UInt16
    let reason: String

    static let messageTooBig = WebSocketFault(code: 1009, reason: "Message too big")
    static let tooManyFragments = WebSocketFault(code: 1009, reason: "Too many fragments")
    static let invalidText = WebSocketFault(code: 1007, reason: "Invalid UTF-8")
    static let invalidCompression = WebSocketFault(code: 1007, reason: "Invalid compressed data")
    static let tooManyControlFrames = WebSocketFault(code: 1008, reason: "Too many control frames")

    static let tooMuchUnfinished = WebSocketFault(code: 1013, reason: "Too many messages are unfinished")

    static func violation(_ reason: String) -> WebSocketFault { WebSocketFault(code: 1002, reason: reason) }
}
