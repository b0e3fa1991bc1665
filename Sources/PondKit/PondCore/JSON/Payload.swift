/// A JSON value kept as the received bytes; the tree is built when a handler asks for it.
public struct Payload: Sendable, Hashable {
    /// Valid JSON text, UTF-8.
    public let bytes: [UInt8]

    /// A payload of bytes already known to be valid JSON.
    package init(validated bytes: [UInt8]) { self.bytes = bytes }

    /// The empty object.
    public static let empty = Payload(validated: [0x7B, 0x7D])
}
