/// A breach of the WebSocket protocol or of a limit, and the code to close with.
package struct WebSocketFault: Error, Hashable {
    package let code: UInt16
    package let reason: String

    package static let messageTooBig = WebSocketFault(code: 1009, reason: "Message too big")
    package static let tooManyFragments = WebSocketFault(code: 1009, reason: "Too many fragments")
    package static let invalidText = WebSocketFault(code: 1007, reason: "Invalid UTF-8")
    package static let invalidCompression = WebSocketFault(code: 1007, reason: "Invalid compressed data")
    package static let tooManyControlFrames = WebSocketFault(code: 1008, reason: "Too many control frames")

    package static let tooMuchUnfinished = WebSocketFault(code: 1013, reason: "Too many messages are unfinished")

    package static func violation(_ reason: String) -> WebSocketFault { WebSocketFault(code: 1002, reason: reason) }
}
