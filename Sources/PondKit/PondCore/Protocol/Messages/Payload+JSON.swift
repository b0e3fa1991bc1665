extension Payload {
    /// The payload of a JSON value.
    @_disfavoredOverload  // so that a dictionary literal means an object without saying so
    public init(_ json: JSON) {
        var bytes: [UInt8] = []
        json.write(into: &bytes)
        self.init(validated: bytes)
    }

    /// The payload of a JSON object.
    public init(_ object: JSONObject) {
        var bytes: [UInt8] = []
        object.write(into: &bytes)
        self.init(validated: bytes)
    }

    /// The payload of JSON text, kept as it is written, except that U+FFFD replaces lone surrogates.
    public init(parsing bytes: [UInt8], limits: Limits = .default) throws(JSONFault) {
        let hasLoneSurrogate = try bytes.withUnsafeBufferPointer { (bytes) throws(JSONFault) in
            try JSONTreeParser.parse(UnsafeRawBufferPointer(bytes), limits: limits).hasLoneSurrogate
        }
        var text = bytes
        if hasLoneSurrogate { JSONCursor.replaceLoneSurrogates(in: &text) }
        self.init(validated: text)
    }

    /// The tree of this payload, made anew at each call.
    public var json: JSON {
        // The bytes are valid, so the bounds that hold for a peer's text are already kept.
        var limits = Limits.default
        limits.jsonDepth = JSONCursor.deepest
        limits.jsonKeys = .max
        return (try? JSON(parsing: self.bytes, limits: limits)) ?? .null
    }

    /// The member of a name, where this is an object that has it.
    ///
    /// Reads the whole payload: take `json` first where you need several members. Assigning `nil` removes the member;
    /// assigning to what is no object replaces it with an object of that member.
    public subscript(_ key: String) -> JSON? {
        get { self.json[key] }
        set {
            var json = self.json
            json[key] = newValue
            self = Payload(json)
        }
    }
}

extension Payload: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, JSON)...) { self.init(JSONObject(elements)) }
}

extension Payload: CustomStringConvertible {
    public var description: String { String(decoding: self.bytes, as: UTF8.self) }
}
