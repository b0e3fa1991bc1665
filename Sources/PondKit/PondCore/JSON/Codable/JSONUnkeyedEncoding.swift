/// The elements of an `Encodable` on their way into an array.
struct JSONUnkeyedEncoding: UnkeyedEncodingContainer {
    let array: JSONArrayEncoding
    let codingPath: [any CodingKey]

    var count: Int { self.array.count }

    private var next: [any CodingKey] { self.codingPath + [JSONTreeKey(self.array.count)] }

    func encodeNil() throws { self.array.append(.value(.null)) }

    func encode<Value: Encodable>(_ value: Value) throws {
        self.array.append(.value(try JSONTreeEncoder.encode(value, path: self.next)))
    }

    func nestedContainer<Nested: CodingKey>(keyedBy: Nested.Type) -> KeyedEncodingContainer<Nested> {
        let nested = JSONObjectEncoding()
        let path = self.next
        self.array.append(.object(nested))
        return KeyedEncodingContainer(JSONKeyedEncoding<Nested>(object: nested, codingPath: path))
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        let nested = JSONArrayEncoding()
        let path = self.next
        self.array.append(.array(nested))
        return JSONUnkeyedEncoding(array: nested, codingPath: path)
    }

    func superEncoder() -> any Encoder {
        let encoder = JSONTreeEncoder(path: self.next)
        self.array.append(.encoder(encoder))
        return encoder
    }
}
