/// Who a client is to the server from its first connection on, whatever becomes of its sessions: 128 random bits.
///
/// It travels inside the session token, so a client that comes back with a token that nobody knows any more, because
/// the grace time is over or the server is another one, is still known as who it was. It is no proof of anything.
public struct ClientID: Sendable, Hashable {
    let bits: UInt128

    /// A client that was never here.
    init() {
        var generator = SystemRandomNumberGenerator()
        self.bits = UInt128(generator.next()) << 64 | UInt128(generator.next())
    }

    /// The client of a text that `text` made; `nil` for any other.
    public init?(_ text: some StringProtocol) {
        guard text.utf8.count == 32 else { return nil }
        var bits: UInt128 = 0
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39: bits = bits << 4 | UInt128(byte - 0x30)
            case 0x61...0x66: bits = bits << 4 | UInt128(byte - 0x57)
            default: return nil
            }
        }
        self.bits = bits
    }

    /// 32 hexadecimal digits.
    public var text: String { PondID.hexadecimal(self.bits) }
}
