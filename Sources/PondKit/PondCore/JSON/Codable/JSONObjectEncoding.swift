/// An object that is being encoded; its members may still be being encoded themselves.
final class JSONObjectEncoding {
    private var members: [(key: String, value: JSONEncodingMember)] = []

    func set(_ key: String, _ value: JSONEncodingMember) { self.members.append((key, value)) }

    var json: JSON { .object(JSONObject(self.members.map { ($0.key, $0.value.json) })) }
}
