/// Why bytes are not a message, and whom to tell.
public struct MessageFault: Error, Sendable, Hashable {
    /// The field and what is wrong with it, as `payload: Expected object`.
    public var message: String
    /// The request that the answer belongs to, where it could be read.
    public var requestId: String?

    /// A fault of a message.
    public init(message: String, requestId: String? = nil) {
        self.message = message
        self.requestId = requestId
    }
}

extension MessageFault: CustomStringConvertible {
    public var description: String { self.message }
}
