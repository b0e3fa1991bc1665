/// The members of an `Encodable` on their way into an object.
struct JSONKeyedEncoding<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let object: JSONObjectEncoding
    let codingPath: [any CodingKey]

    private func set(_ json: JSON, _ key: Key) { self.object.set(key.stringValue, .value(json)) }

    func encodeNil(forKey key: Key) throws { self.set(.null, key) }
    func encode(_ value: Bool, forKey key: Key) throws { self.set(.bool(value), key) }
    func encode(_ value: String, forKey key: Key) throws { self.set(.string(value), key) }

    func encode(_ value: Double, forKey key: Key) throws {
        self.set(try JSONTreeEncoder.number(value, path: self.codingPath + [key]), key)
    }

    func encode(_ value: Float, forKey key: Key) throws {
        self.set(try JSONTreeEncoder.number(Double(value), path: self.codingPath + [key]), key)
    }

    func encode(_ value: Int, forKey key: Key) throws { self.set(JSONTreeEncoder.integer(value), key) }
    func encode(_ value: Int8, forKey key: Key) throws { self.set(JSONTreeEncoder.integer(value), key) }
    func encode(_ value: Int16, forKey key: Key) throws { self.set(JSONTreeEncoder.integer(value), key) }
    func encode(_ value: Int32, forKey key: Key) throws { self.set(JSONTreeEncoder.integer(value), key) }
    func encode(_ value: Int64, forKey key: Key) throws { self.set(JSONTreeEncoder.integer(value), key) }
    func encode(_ value: UInt, forKey key: Key) throws { self.set(JSONTreeEncoder.integer(value), key) }
    func encode(_ value: UInt8, forKey key: Key) throws { self.set(JSONTreeEncoder.integer(value), key) }
    func encode(_ value: UInt16, forKey key: Key) throws { self.set(JSONTreeEncoder.integer(value), key) }
    func encode(_ value: UInt32, forKey key: Key) throws { self.set(JSONTreeEncoder.integer(value), key) }
    func encode(_ value: UInt64, forKey key: Key) throws { self.set(JSONTreeEncoder.integer(value), key) }

    func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
        self.set(try JSONTreeEncoder.encode(value, path: self.codingPath + [key]), key)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy: Nested.Type,
        forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        let nested = JSONObjectEncoding()
        self.object.set(key.stringValue, .object(nested))
        return KeyedEncodingContainer(JSONKeyedEncoding<Nested>(object: nested, codingPath: self.codingPath + [key]))
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        let nested = JSONArrayEncoding()
        self.object.set(key.stringValue, .array(nested))
        return JSONUnkeyedEncoding(array: nested, codingPath: self.codingPath + [key])
    }

    func superEncoder() -> any Encoder { self.superEncoder(named: JSONTreeKey("super")) }
    func superEncoder(forKey key: Key) -> any Encoder { self.superEncoder(named: key) }

    private func superEncoder(named key: any CodingKey) -> any Encoder {
        let encoder = JSONTreeEncoder(path: self.codingPath + [key])
        self.object.set(key.stringValue, .encoder(encoder))
        return encoder
    }
}
