/// The first bytes of a frame.
struct WebSocketFrameHeader: Hashable, Sendable {
    var opcode: WebSocketOpcode
    var isFinal: Bool
    /// RSV1: the message is compressed.
    var isCompressed: Bool
    /// Below 2^63.
    var length: UInt64
}
