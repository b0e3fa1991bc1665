/// The type of the answer to an event that is not answered; it has no values, so nobody can send one.
public enum NoReply: Codable, Sendable, Hashable {
    public init(from decoder: any Decoder) throws {
        throw DecodingError.dataCorrupted(
            DecodingError.Context(codingPath: decoder.codingPath, debugDescription: "No answer is expected")
        )
    }

    public func encode(to encoder: any Encoder) throws {}
}
