extension Payload {
    /// The payload that a value encodes to.
    public init(encoding value: some Encodable) throws(PondError) {
        self.init(try JSON(encoding: value))
    }

    /// The value that this payload decodes to; the error names the place of the first fault, as `user.name: …`.
    public func decode<Value: Decodable>(_ type: Value.Type) throws(PondError) -> Value {
        try self.json.decode(type)
    }
}

extension JSON {
    /// The JSON that a value encodes to.
    public init(encoding value: some Encodable) throws(PondError) {
        do {
            self = try JSONTreeEncoder.encode(value, path: [])
        } catch let fault as PondError {
            throw fault
        } catch let EncodingError.invalidValue(_, context) {
            throw .badRequest(JSONFault(path: context.codingPath.text, message: context.debugDescription).description)
        } catch {
            throw .badRequest("Cannot be encoded: \(error)")
        }
    }

    /// The value that this JSON decodes to; the error names the place of the first fault, as `user.name: …`.
    public func decode<Value: Decodable>(_ type: Value.Type) throws(PondError) -> Value {
        do {
            return try JSONTreeDecoder(self, path: []).unbox(type)
        } catch let fault as PondError {
            throw fault
        } catch let fault as DecodingError {
            throw .badRequest(JSONFault(fault).description)
        } catch {
            throw .badRequest("payload: \(error)")
        }
    }
}

extension JSONFault {
    /// The place and the reason of a decoding error.
    fileprivate init(_ error: DecodingError) {
        switch error {
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            self.init(path: context.codingPath.text, message: context.debugDescription)
        case .keyNotFound(let key, let context):
            self.init(path: (context.codingPath + [key]).text, message: "Missing required field")
        @unknown default:
            self.init(path: "", message: "Cannot be decoded")
        }
        if self.path.isEmpty { self.path = "payload" }
    }
}

extension [any CodingKey] {
    /// The keys as people write them: `a.b[2]`.
    fileprivate var text: String {
        self.map { key in key.intValue.map(JSONPathStep.index) ?? .key(key.stringValue) }.text
    }
}
