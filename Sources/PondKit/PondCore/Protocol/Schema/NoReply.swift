/// The reply type of an event without a reply; it has no values, so none can be sent.
public enum NoReply: Codable, Sendable, Hashable {
    public init(from decoder: any Decoder) throws {
        throw DecodingError.dataCorrupted(
            DecodingError.Context(codingPath: decoder.codingPath, debugDescription: "No answer is expected")
        )
    }

    public func encode(to encoder: any Encoder) throws {}
}
