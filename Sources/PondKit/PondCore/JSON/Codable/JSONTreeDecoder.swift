/// Decodes a `Decodable` from a JSON tree.
struct JSONTreeDecoder: Decoder {
    let json: JSON
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    init(_ json: JSON, path: [any CodingKey]) {
        self.json = json
        self.codingPath = path
    }

    func container<Key: CodingKey>(keyedBy: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .object(let object) = self.json else { throw self.mismatch([String: JSON].self, "object") }
        return KeyedDecodingContainer(JSONKeyedDecoding<Key>(object: object, codingPath: self.codingPath))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .array(let elements) = self.json else { throw self.mismatch([JSON].self, "array") }
        return JSONUnkeyedDecoding(elements: elements, codingPath: self.codingPath)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { self }

    /// Decodes any type; our own JSON types are taken as they are.
    func unbox<Value: Decodable>(_ type: Value.Type) throws -> Value {
        if let json = self.json as? Value { return json }
        return try Value(from: self)
    }

    func mismatch(_ type: any Any.Type, _ kind: String) -> DecodingError {
        let text = "Expected \(kind), got \(self.json.kind)"
        return .typeMismatch(type, .init(codingPath: self.codingPath, debugDescription: text))
    }
}

extension JSONTreeDecoder: SingleValueDecodingContainer {
    func decodeNil() -> Bool { self.json.isNull }

    func decode(_ type: Bool.Type) throws -> Bool {
        guard let value = self.json.bool else { throw self.mismatch(type, "boolean") }
        return value
    }

    func decode(_ type: String.Type) throws -> String {
        guard let value = self.json.string else { throw self.mismatch(type, "string") }
        return value
    }

    func decode(_ type: Double.Type) throws -> Double {
        guard let value = self.json.double else { throw self.mismatch(type, "number") }
        return value
    }

    func decode(_ type: Float.Type) throws -> Float {
        guard let value = self.json.double else { throw self.mismatch(type, "number") }
        guard abs(value) <= Double(Float.greatestFiniteMagnitude) else { throw self.outOfRange(type) }
        return Float(value)
    }

    func decode(_ type: Int.Type) throws -> Int { try self.integer(type) }
    func decode(_ type: Int8.Type) throws -> Int8 { try self.integer(type) }
    func decode(_ type: Int16.Type) throws -> Int16 { try self.integer(type) }
    func decode(_ type: Int32.Type) throws -> Int32 { try self.integer(type) }
    func decode(_ type: Int64.Type) throws -> Int64 { try self.integer(type) }
    func decode(_ type: UInt.Type) throws -> UInt { try self.integer(type) }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try self.integer(type) }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try self.integer(type) }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try self.integer(type) }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try self.integer(type) }
    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try self.unbox(type) }

    private func integer<Value: FixedWidthInteger>(_ type: Value.Type) throws -> Value {
        let value: Value?
        switch self.json {
        case .int(let number): value = Value(exactly: number)
        case .uint(let number): value = Value(exactly: number)
        case .double(let number):
            guard number.rounded() == number else { throw self.mismatch(type, "integer") }
            value = Value(exactly: number)
        default: throw self.mismatch(type, "integer")
        }
        guard let value else { throw self.outOfRange(type) }
        return value
    }

    private func outOfRange(_ type: any Any.Type) -> DecodingError {
        .dataCorrupted(.init(codingPath: self.codingPath, debugDescription: "Number does not fit \(type)"))
    }
}

extension JSON {
    /// What kind of value this is, in JSON's words.
    var kind: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .int, .uint, .double: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}
