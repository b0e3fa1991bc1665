/// Encodes an `Encodable` to a JSON tree.
///
/// Containers are handed out while they are still empty, so the value being made is shared by reference until the end.
final class JSONTreeEncoder: Encoder {
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }
    private var node: Node = .nothing

    /// What has been encoded so far.
    private enum Node {
        case nothing
        case value(JSON)
        case object(JSONObjectEncoding)
        case array(JSONArrayEncoding)
    }

    init(path: [any CodingKey]) { self.codingPath = path }

    /// The JSON of a value; our own JSON types are taken as they are.
    static func encode(_ value: any Encodable, path: [any CodingKey]) throws -> JSON {
        switch value {
        case let json as JSON: return json
        case let object as JSONObject: return .object(object)
        default: break
        }
        let encoder = JSONTreeEncoder(path: path)
        try value.encode(to: encoder)
        return encoder.json
    }

    /// What was encoded, `{}` for a value that encoded nothing.
    var json: JSON {
        switch self.node {
        case .nothing: .object(JSONObject())
        case .value(let json): json
        case .object(let object): object.json
        case .array(let array): array.json
        }
    }

    func objectEncoding() -> JSONObjectEncoding {
        if case .object(let object) = self.node { return object }
        let object = JSONObjectEncoding()
        self.node = .object(object)
        return object
    }

    func arrayEncoding() -> JSONArrayEncoding {
        if case .array(let array) = self.node { return array }
        let array = JSONArrayEncoding()
        self.node = .array(array)
        return array
    }

    func container<Key: CodingKey>(keyedBy: Key.Type) -> KeyedEncodingContainer<Key> {
        KeyedEncodingContainer(JSONKeyedEncoding<Key>(object: self.objectEncoding(), codingPath: self.codingPath))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        JSONUnkeyedEncoding(array: self.arrayEncoding(), codingPath: self.codingPath)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { self }

    /// The JSON of a number; refuses what JSON cannot say.
    static func number(_ value: Double, path: [any CodingKey]) throws -> JSON {
        guard value.isFinite else {
            throw EncodingError.invalidValue(value, .init(codingPath: path, debugDescription: "Number is not finite"))
        }
        return .double(value)
    }

    /// The JSON of an integer of any width.
    static func integer(_ value: some FixedWidthInteger) -> JSON {
        if let small = Int64(exactly: value) { return .int(small) }
        return .uint(UInt64(truncatingIfNeeded: value))
    }
}

extension JSONTreeEncoder: SingleValueEncodingContainer {
    func encodeNil() throws { self.node = .value(.null) }
    func encode(_ value: Bool) throws { self.node = .value(.bool(value)) }
    func encode(_ value: String) throws { self.node = .value(.string(value)) }
    func encode(_ value: Double) throws { self.node = .value(try Self.number(value, path: self.codingPath)) }
    func encode(_ value: Float) throws { self.node = .value(try Self.number(Double(value), path: self.codingPath)) }
    func encode(_ value: Int) throws { self.node = .value(Self.integer(value)) }
    func encode(_ value: Int8) throws { self.node = .value(Self.integer(value)) }
    func encode(_ value: Int16) throws { self.node = .value(Self.integer(value)) }
    func encode(_ value: Int32) throws { self.node = .value(Self.integer(value)) }
    func encode(_ value: Int64) throws { self.node = .value(Self.integer(value)) }
    func encode(_ value: UInt) throws { self.node = .value(Self.integer(value)) }
    func encode(_ value: UInt8) throws { self.node = .value(Self.integer(value)) }
    func encode(_ value: UInt16) throws { self.node = .value(Self.integer(value)) }
    func encode(_ value: UInt32) throws { self.node = .value(Self.integer(value)) }
    func encode(_ value: UInt64) throws { self.node = .value(Self.integer(value)) }
    func encode<Value: Encodable>(_ value: Value) throws {
        self.node = .value(try Self.encode(value, path: self.codingPath))
    }
}
