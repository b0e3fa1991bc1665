import PondCore

/// Identifies a client from its first connection on, over the end of its sessions: 128 random bits.
///
/// It travels inside the session token, so a client that comes back with a token that nobody knows any more, because
/// the grace time is over or the server is another one, is still known as who it was. It is no proof of anything.
public struct ClientID: Sendable, Hashable {
    let bits: UInt128

    /// A client that was never here.
    init() {
        self.bits = PondID.bits()
    }

    /// The client of a text that `text` made; `nil` for any other.
    public init?(_ text: some StringProtocol) {
        guard let bits = PondID.bits(text) else { return nil }
        self.bits = bits
    }

    /// 32 hexadecimal digits.
    public var text: String { PondID.hexadecimal(self.bits) }
}
