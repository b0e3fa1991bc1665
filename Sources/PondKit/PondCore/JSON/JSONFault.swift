/// Why text is not the JSON it should be, and where.
public struct JSONFault: Error, Sendable, Hashable {
    /// The place, as `a.b[2]`; empty for the value as a whole.
    public var path: String
    /// What is wrong there.
    public var message: String

    /// A fault at a place.
    public init(path: String, message: String) {
        self.path = path
        self.message = message
    }
}

extension JSONFault: CustomStringConvertible {
    public var description: String { self.path.isEmpty ? self.message : "\(self.path): \(self.message)" }
}
