extension JSON {
    /// Appends this value as compact text; a number that is not finite becomes `null`.
    public func write(into bytes: inout [UInt8]) {
        switch self {
        case .null: bytes.append(json: "null")
        case .bool(true): bytes.append(json: "true")
        case .bool(false): bytes.append(json: "false")
        case .int(let value): bytes.append(contentsOf: String(value).utf8)
        case .uint(let value): bytes.append(contentsOf: String(value).utf8)
        case .double(let value):
            if value.isFinite { bytes.append(contentsOf: value.description.utf8) } else { bytes.append(json: "null") }
        case .string(let value): bytes.append(jsonString: value)
        case .array(let elements):
            bytes.append(0x5B)
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(0x2C) }
                element.write(into: &bytes)
            }
            bytes.append(0x5D)
        case .object(let object): object.write(into: &bytes)
        }
    }

    /// This value as compact text.
    public var text: String {
        var bytes: [UInt8] = []
        self.write(into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension JSONObject {
    /// Appends this object as compact text.
    public func write(into bytes: inout [UInt8]) {
        bytes.append(0x7B)
        var first = true
        for (key, value) in self {
            if !first { bytes.append(0x2C) }
            first = false
            bytes.append(jsonString: key)
            bytes.append(0x3A)
            value.write(into: &bytes)
        }
        bytes.append(0x7D)
    }
}

extension JSON: CustomStringConvertible {
    public var description: String { self.text }
}
