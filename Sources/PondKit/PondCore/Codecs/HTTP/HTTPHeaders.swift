/// The header fields of an HTTP message, in their order; names are compared without case.
///
/// ```swift
/// var headers: HTTPHeaders = ["Content-Type": "text/plain"]
/// headers.add("Vary", "Origin")
/// headers["content-type"]  // "text/plain"
/// ```
public struct HTTPHeaders: Sendable {
    private var fields: [Field]

    /// One header field.
    public struct Field: Sendable, Hashable {
        /// The name as it was written.
        public let name: String
        /// The value without surrounding white space.
        public let value: String
    }

    /// No fields.
    public init() { self.fields = [] }

    /// Fields in the order given.
    public init(_ pairs: [(String, String)]) {
        self.fields = pairs.map { Field(name: $0.0, value: $0.1) }
    }

    /// How many fields there are; a name that came twice counts twice.
    public var count: Int { self.fields.count }

    /// The value of the first field of that name; setting replaces every field of that name, `nil` removes them.
    public subscript(name: String) -> String? {
        get { self.fields.first { Self.equal($0.name, name) }?.value }
        set {
            let index = self.fields.firstIndex { Self.equal($0.name, name) }
            self.fields.removeAll { Self.equal($0.name, name) }
            guard let newValue else { return }
            self.fields.insert(Field(name: name, value: newValue), at: index ?? self.fields.count)
        }
    }

    /// The value of every field of that name, in order.
    public func values(_ name: String) -> [String] {
        self.fields.lazy.filter { Self.equal($0.name, name) }.map(\.value)
    }

    /// Whether there is a field of that name.
    public func contains(_ name: String) -> Bool {
        self.fields.contains { Self.equal($0.name, name) }
    }

    /// Appends a field, beside others of the same name.
    public mutating func add(_ name: String, _ value: String) {
        self.fields.append(Field(name: name, value: value))
    }

    /// Removes every field of that name.
    public mutating func remove(_ name: String) {
        self.fields.removeAll { Self.equal($0.name, name) }
    }

    /// The elements of a comma-separated list spread over any number of fields, trimmed, empty ones left out.
    package func list(_ name: String) -> [Substring] {
        self.values(name).flatMap { value in
            value.split(separator: ",").map { $0.trimmingHTTPSpace() }.filter { !$0.isEmpty }
        }
    }

    /// Whether a comma-separated list holds this token, compared without case.
    package func hasToken(_ token: String, in name: String) -> Bool {
        self.list(name).contains { Self.equal($0, token) }
    }

    package static func equal(_ left: some StringProtocol, _ right: some StringProtocol) -> Bool {
        let left = left.utf8
        let right = right.utf8
        return left.count == right.count && zip(left, right).allSatisfy { $0.asciiLowercased == $1.asciiLowercased }
    }
}

extension HTTPHeaders: Hashable {
    public static func == (left: HTTPHeaders, right: HTTPHeaders) -> Bool {
        left.fields.count == right.fields.count
            && zip(left.fields, right.fields).allSatisfy { equal($0.name, $1.name) && $0.value == $1.value }
    }

    public func hash(into hasher: inout Hasher) {
        for field in self.fields {
            hasher.combine(field.name.lowercased())
            hasher.combine(field.value)
        }
    }
}

extension HTTPHeaders: RandomAccessCollection {
    public var startIndex: Int { 0 }
    public var endIndex: Int { self.fields.count }
    public subscript(position: Int) -> Field { self.fields[position] }
}

extension HTTPHeaders: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, String)...) { self.init(elements) }
}

extension UInt8 {
    /// The byte with the letters A to Z made small.
    var asciiLowercased: UInt8 { self >= 0x41 && self <= 0x5A ? self | 0x20 : self }
}

extension StringProtocol {
    /// The text without spaces and tabs at both ends, which is what HTTP means by optional white space.
    package func trimmingHTTPSpace() -> Substring {
        var rest = Substring(self).utf8
        while let first = rest.first, first == 0x20 || first == 0x09 { rest = rest.dropFirst() }
        while let last = rest.last, last == 0x20 || last == 0x09 { rest = rest.dropLast() }
        return Substring(rest)
    }
}
