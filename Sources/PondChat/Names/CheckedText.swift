public import PondKit

/// A text that is checked wherever it comes from; on the wire it is a string, and a wrong one is refused with its place.
public protocol CheckedText: Codable {
    /// What was checked.
    var text: String { get }

    /// Throws where the text is not allowed.
    init(checking text: String) throws(PondError)
}

extension CheckedText {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        do throws(PondError) {
            try self.init(checking: text)
        } catch {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: error.message)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(self.text)
    }
}
