/// How WebSocket messages may be compressed (permessage-deflate).
///
/// Without contexts taken over, one compressor serves every connection of a loop and a broadcast is compressed once.
/// With them each connection keeps its own history, up to 300 kB, for smaller messages.
public struct DeflateOptions: Sendable, Hashable {
    /// Effort, from 1 to 9.
    public var level = 1
    /// Messages below this size are sent as they are.
    public var minimumBytes = 512
    /// Whether what the server sends may refer to its earlier messages.
    public var serverContextTakeover = false
    /// Whether what the client sends may refer to its earlier messages.
    public var clientContextTakeover = false
    /// The largest window, as a power of two from 9 to 15, that this side asks the server to use.
    public var serverMaxWindowBits = 15
    /// The largest window, as a power of two from 9 to 15, that this side asks the client to use.
    public var clientMaxWindowBits = 15

    public init() {}
}
