extension JSON {
    /// The value of JSON text, bounded in depth and members.
    public init(parsing bytes: [UInt8], limits: Limits = .default) throws(JSONFault) {
        self = try bytes.withUnsafeBufferPointer { (bytes) throws(JSONFault) in
            try JSON(parsing: UnsafeRawBufferPointer(bytes), limits: limits)
        }
    }

    /// The value of JSON text, bounded in depth and members.
    public init(parsing text: String) throws(JSONFault) {
        try self.init(parsing: Array(text.utf8))
    }

    /// The value of JSON text, bounded in depth and members.
    package init(parsing bytes: UnsafeRawBufferPointer, limits: Limits = .default) throws(JSONFault) {
        self = try JSONTreeParser.parse(bytes, limits: limits).value
    }
}
