/// Why bytes on a topic are no message to us.
package struct DistributedFault: Error, Sendable, Hashable, CustomStringConvertible {
    package var reason: Reason
    /// The field or place at fault; for a log.
    package var detail: String

    /// What is counted.
    package enum Reason: String, Sendable, CaseIterable {
        /// More bytes, users or recipients than the limits allow.
        case tooLarge
        /// Not JSON, nested too deeply, or not an object.
        case malformed
        /// Another protocol, or a version of it that we do not speak.
        case foreignProtocol
        /// A type that the protocol does not have.
        case unknownType
        /// A field that is missing, mistyped, empty or too long.
        case badField
        /// One entry of a list that is mistyped or too large; the rest of its message counts.
        case badEntry
        /// A message about another channel or endpoint than the topic it came on.
        case misplaced
    }

    package init(_ reason: Reason, _ detail: String) {
        self.reason = reason
        self.detail = detail
    }

    package var description: String { "\(self.reason.rawValue): \(self.detail)" }
}
