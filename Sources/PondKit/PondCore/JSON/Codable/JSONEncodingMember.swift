/// A value in an object or array that is being encoded.
enum JSONEncodingMember {
    case value(JSON)
    case object(JSONObjectEncoding)
    case array(JSONArrayEncoding)
    case encoder(JSONTreeEncoder)

    var json: JSON {
        switch self {
        case .value(let json): json
        case .object(let object): object.json
        case .array(let array): array.json
        case .encoder(let encoder): encoder.json
        }
    }
}
