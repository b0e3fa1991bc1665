/// The first bytes of a frame.
package struct WebSocketFrameHeader: Hashable, Sendable {
    package var opcode: WebSocketOpcode
    package var isFinal: Bool
    /// RSV1: the message is compressed.
    package var isCompressed: Bool
    /// Below 2^63.
    package var length: UInt64
}
