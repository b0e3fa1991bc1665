/// The members of an object on their way into a `Decodable`.
struct JSONKeyedDecoding<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let object: JSONObject
    let codingPath: [any CodingKey]

    var allKeys: [Key] { self.object.keys.compactMap(Key.init(stringValue:)) }

    func contains(_ key: Key) -> Bool { self.object[key.stringValue] != nil }

    func decodeNil(forKey key: Key) throws -> Bool { try self.member(key).json.isNull }

    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try self.member(key).decode(type) }
    func decode(_ type: String.Type, forKey key: Key) throws -> String { try self.member(key).decode(type) }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try self.member(key).decode(type) }
    func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try self.member(key).decode(type) }
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try self.member(key).decode(type) }
    func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try self.member(key).decode(type) }
    func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try self.member(key).decode(type) }
    func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try self.member(key).decode(type) }
    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try self.member(key).decode(type) }
    func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try self.member(key).decode(type) }
    func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try self.member(key).decode(type) }
    func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try self.member(key).decode(type) }
    func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try self.member(key).decode(type) }
    func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try self.member(key).decode(type) }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try self.member(key).unbox(type)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type,
        forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        try self.member(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try self.member(key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder {
        let key = JSONTreeKey("super")
        return JSONTreeDecoder(self.object["super"] ?? .null, path: self.codingPath + [key])
    }

    func superDecoder(forKey key: Key) throws -> any Decoder {
        JSONTreeDecoder(self.object[key.stringValue] ?? .null, path: self.codingPath + [key])
    }

    private func member(_ key: Key) throws -> JSONTreeDecoder {
        guard let value = self.object[key.stringValue] else {
            throw DecodingError.keyNotFound(
                key,
                .init(codingPath: self.codingPath, debugDescription: "Missing required field")
            )
        }
        return JSONTreeDecoder(value, path: self.codingPath + [key])
    }
}
