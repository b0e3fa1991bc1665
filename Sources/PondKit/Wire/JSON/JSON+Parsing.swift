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
        guard var parser = JSONTreeParser(bytes, limits: limits) else {
            throw JSONFault(path: "", message: "Invalid JSON: \(JSONSyntaxFault.unexpectedEnd.words) at byte 0")
        }
        self = try parser.document()
    }
}
