/// Why bytes are not JSON, in a form that costs nothing to throw.
package enum JSONSyntaxFault: Error, Sendable, Hashable {
    case unexpectedEnd
    case expectedValue
    case expectedKey
    case expectedColon
    case expectedCommaOrEnd
    case badNumber
    case numberTooLarge
    case controlCharacter
    case badEscape
    case invalidUTF8
    case tooDeep
    case tooManyMembers
    case trailingData

    /// The fault in words that may be shown to a peer.
    package var words: String {
        switch self {
        case .unexpectedEnd: "Unexpected end"
        case .expectedValue: "Expected a value"
        case .expectedKey: "Expected a key"
        case .expectedColon: "Expected ':' after a key"
        case .expectedCommaOrEnd: "Expected ',' or the end of an object or array"
        case .badNumber: "Malformed number"
        case .numberTooLarge: "Number out of range"
        case .controlCharacter: "Control character in a string"
        case .badEscape: "Malformed escape"
        case .invalidUTF8: "Invalid UTF-8"
        case .tooDeep: "Nested too deeply"
        case .tooManyMembers: "Too many members"
        case .trailingData: "Unexpected data after the value"
        }
    }
}
