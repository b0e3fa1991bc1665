/// An object that is being encoded; its members may still be being encoded themselves.
final class JSONObjectEncoding {
    private var members: [(key: String, value: JSONEncodingMember)] = []

    func set(_ key: String, _ value: JSONEncodingMember) { self.members.append((key, value)) }

    var json: JSON { .object(JSONObject(self.members.map { ($0.key, $0.value.json) })) }
}

/// An array that is being encoded; its elements may still be being encoded themselves.
final class JSONArrayEncoding {
    private var elements: [JSONEncodingMember] = []

    var count: Int { self.elements.count }

    func append(_ value: JSONEncodingMember) { self.elements.append(value) }

    var json: JSON { .array(self.elements.map(\.json)) }
}

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
