/// The elements of an array on their way into a `Decodable`.
struct JSONUnkeyedDecoding: UnkeyedDecodingContainer {
    let elements: [JSON]
    let codingPath: [any CodingKey]
    private(set) var currentIndex = 0

    init(elements: [JSON], codingPath: [any CodingKey]) {
        self.elements = elements
        self.codingPath = codingPath
    }

    var count: Int? { self.elements.count }
    var isAtEnd: Bool { self.currentIndex >= self.elements.count }

    mutating func decodeNil() throws -> Bool {
        guard try self.current().json.isNull else { return false }
        self.currentIndex += 1
        return true
    }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try self.advancing { try $0.unbox(type) }
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
        try self.advancing { try $0.container(keyedBy: type) }
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try self.advancing { try $0.unkeyedContainer() }
    }

    mutating func superDecoder() throws -> any Decoder { try self.advancing { $0 } }

    private func current() throws -> JSONTreeDecoder {
        let path = self.codingPath + [JSONTreeKey(self.currentIndex)]
        guard self.currentIndex < self.elements.count else {
            throw DecodingError.valueNotFound(JSON.self, .init(codingPath: path, debugDescription: "Expected a value"))
        }
        return JSONTreeDecoder(self.elements[self.currentIndex], path: path)
    }

    private mutating func advancing<Result>(_ decode: (JSONTreeDecoder) throws -> Result) throws -> Result {
        let result = try decode(try self.current())
        self.currentIndex += 1
        return result
    }
}
