public import PondKit

/// The id that a message's author gave it: unique in its channel, so that sending it again does nothing.
public struct MessageID: Sendable, Hashable {
    /// 1 to 64 of the characters `A-Z a-z 0-9 - _ . :`.
    public let text: String

    /// An id of allowed characters; throws 400 otherwise.
    public init(_ text: String) throws(PondError) {
        guard (1...64).contains(text.utf8.count), text.utf8.allSatisfy(Self.isAllowed) else {
            throw .badRequest("a message id is 1 to 64 of A-Z a-z 0-9 - _ . :")
        }
        self.text = text
    }

    /// A new random id.
    public static func random() -> MessageID {
        let digits = Array("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_".utf8)
        var generator = SystemRandomNumberGenerator()
        var bits = generator.next()
        var bytes: [UInt8] = []
        // 22 characters of 6 bits hold 128 bits and a little more.
        for index in 0..<22 {
            if index == 11 { bits = generator.next() }
            bytes.append(digits[Int(clamping: bits % 64)])
            bits /= 64
        }
        return MessageID(trusted: String(decoding: bytes, as: UTF8.self))
    }

    private init(trusted text: String) { self.text = text }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: ":"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}

extension MessageID: CustomStringConvertible {
    public var description: String { self.text }
}

extension MessageID: CheckedText {
    public init(checking text: String) throws(PondError) { try self.init(text) }
}
