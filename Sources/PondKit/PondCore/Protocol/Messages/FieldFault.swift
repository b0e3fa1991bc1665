/// What is wrong with a field of an envelope, in a form that costs nothing to throw.
enum FieldFault: Error {
    case notAnObject
    case missing(StaticString)
    case expected(StaticString, StaticString)
    case empty(StaticString)
    case tooLong(StaticString)

    /// The fault as it is sent to the peer.
    var words: String {
        switch self {
        case .notAnObject: "message: Expected object"
        case .missing(let field): "\(field): Missing required field"
        case .expected(let field, let kind): "\(field): Expected \(kind)"
        case .empty(let field): "\(field): Must not be empty"
        case .tooLong(let field): "\(field): Too long"
        }
    }
}
