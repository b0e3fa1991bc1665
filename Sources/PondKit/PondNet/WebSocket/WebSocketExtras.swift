/// What only few WebSockets need.
final class WebSocketExtras {
    var receivedBinary: ((UnsafeRawBufferPointer) -> Void)?
    var whenPonged: (() -> Void)?
    var whenHeard: (() -> Void)?
    /// A compressor that remembers what it compressed.
    var deflater: Deflater?
    /// The one pong that is owed to a peer that does not read.
    var owedPong: [UInt8]?
    /// What has arrived and was not looked at, because so much was inflated in the turn.
    var putOff: [UInt8] = []
    /// What this side said when it began to close.
    var goodbye: (code: UInt16, reason: String) = (1000, "")
}
