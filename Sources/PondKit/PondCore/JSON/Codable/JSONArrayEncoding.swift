/// An array that is being encoded; its elements may still be being encoded themselves.
final class JSONArrayEncoding {
    private var elements: [JSONEncodingMember] = []

    var count: Int { self.elements.count }

    func append(_ value: JSONEncodingMember) { self.elements.append(value) }

    var json: JSON { .array(self.elements.map(\.json)) }
}
