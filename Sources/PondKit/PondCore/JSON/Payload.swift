/// A JSON value kept as the bytes it came in; a tree is made only where a handler asks for one.
public struct Payload: Sendable, Hashable {
    /// Valid JSON text, UTF-8.
    public let bytes: [UInt8]

    /// A payload of bytes already known to be valid JSON.
    package init(validated bytes: [UInt8]) { self.bytes = bytes }

    /// The empty object.
    public static let empty = Payload(validated: [0x7B, 0x7D])
}
