/// The header fields of an HTTP message, in their order; names are compared without case.
///
/// ```swift
/// var headers: HTTPHeaders = ["Content-Type": "text/plain"]
/// headers.add("Vary", "Origin")
/// headers["content-type"]  // "text/plain"
/// ```
public struct HTTPHeaders: Sendable {
    /// The names and values of the fields, one after the other: a field becomes text when it is asked for.
    private var bytes: [UInt8] = []
    private var places: [Place] = []

    /// Where a field's name and value are.
    private struct Place: Sendable {
        var name: Range<Int>
        var value: Range<Int>
    }

    /// One header field.
    public struct Field: Sendable, Hashable {
        /// The name as it was written.
        public let name: String
        /// The value without surrounding white space.
        public let value: String
    }

    /// No fields.
    public init() {}

    /// Fields in the order given.
    public init(_ pairs: [(String, String)]) {
        for (name, value) in pairs { self.add(name, value) }
    }

    // MARK: Fields

    /// The number of fields; a name that came twice counts twice.
    public var count: Int { self.places.count }

    /// The value of the first field of that name; setting replaces every field of that name, `nil` removes them.
    public subscript(name: String) -> String? {
        get { self.place(of: name).map { HTTPHeadDecoder.text(self.bytes[$0.value]) } }
        set {
            let index = self.index(of: name)
            self.remove(name)
            guard let newValue else { return }
            self.places.insert(self.store(name, newValue), at: index ?? self.places.count)
        }
    }

    /// The value of every field of that name, in order.
    public func values(_ name: String) -> [String] {
        guard var index = self.index(of: name) else { return [] }
        var values: [String] = []
        while true {
            values.append(HTTPHeadDecoder.text(self.bytes[self.places[index].value]))
            guard let next = self.index(of: name, from: index + 1) else { return values }
            index = next
        }
    }

    /// Whether there is a field of that name.
    public func contains(_ name: String) -> Bool { self.index(of: name) != nil }

    /// Appends a field, beside others of the same name.
    public mutating func add(_ name: String, _ value: String) { self.places.append(self.store(name, value)) }

    /// Removes every field of that name.
    public mutating func remove(_ name: String) {
        guard self.index(of: name) != nil else { return }
        self.places.removeAll { Self.equal(self.bytes[$0.name], name) }
    }

    private mutating func store(_ name: String, _ value: String) -> Place {
        let start = self.bytes.count
        self.bytes.append(contentsOf: name.utf8)
        let middle = self.bytes.count
        self.bytes.append(contentsOf: value.utf8)
        return Place(name: start..<middle, value: middle..<self.bytes.count)
    }

    // MARK: Lookups without text

    /// The number of fields of that name.
    func count(of name: String) -> Int {
        var count = 0
        var index = self.index(of: name)
        while let found = index {
            count += 1
            index = self.index(of: name, from: found + 1)
        }
        return count
    }

    /// The bytes of the only field of that name; `nil` if there is none or more than one.
    func onlyValue(_ name: String) -> ArraySlice<UInt8>? {
        guard let index = self.index(of: name), self.index(of: name, from: index + 1) == nil else { return nil }
        return self.bytes[self.places[index].value]
    }

    /// The elements of a comma-separated list spread over any number of fields, trimmed, empty ones left out.
    package func list(_ name: String) -> [Substring] {
        self.values(name).flatMap { value in
            value.split(separator: ",").map { $0.trimmingHTTPSpace() }.filter { !$0.isEmpty }
        }
    }

    /// Whether a comma-separated list holds this token, compared without case.
    package func hasToken(_ token: String, in name: String) -> Bool {
        var index = self.index(of: name)
        while let found = index {
            var rest = self.bytes[self.places[found].value]
            while !rest.isEmpty {
                let end = rest.firstIndex(of: UInt8(ascii: ",")) ?? rest.endIndex
                if Self.equal(Self.trimmed(rest[..<end]), token) { return true }
                rest = end < rest.endIndex ? rest[(end + 1)...] : []
            }
            index = self.index(of: name, from: found + 1)
        }
        return false
    }

    private func place(of name: String) -> Place? { self.index(of: name).map { self.places[$0] } }

    private func index(of name: String, from start: Int = 0) -> Int? {
        var name = name
        return name.withUTF8 { wanted in
            self.bytes.withUnsafeBufferPointer { bytes in
                for index in self.places.indices.dropFirst(start) {
                    let place = self.places[index].name
                    if place.count == wanted.count, Self.equal(bytes[place], wanted) { return index }
                }
                return nil
            }
        }
    }

    /// Compares texts of the same length without case.
    private static func equal(_ left: Slice<UnsafeBufferPointer<UInt8>>, _ right: UnsafeBufferPointer<UInt8>) -> Bool {
        for offset in 0..<right.count
        where left[left.startIndex + offset].asciiLowercased != right[offset].asciiLowercased {
            return false
        }
        return true
    }

    private static func equal(_ left: ArraySlice<UInt8>, _ right: String) -> Bool {
        guard left.count == right.utf8.count else { return false }
        var index = left.startIndex
        for byte in right.utf8 {
            if left[index].asciiLowercased != byte.asciiLowercased { return false }
            index += 1
        }
        return true
    }

    package static func equal(_ left: some StringProtocol, _ right: some StringProtocol) -> Bool {
        let (left, right) = (left.utf8, right.utf8)
        return left.count == right.count && zip(left, right).allSatisfy { $0.asciiLowercased == $1.asciiLowercased }
    }

    static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var text = text
        while let first = text.first, first == 0x20 || first == 0x09 { text.removeFirst() }
        while let last = text.last, last == 0x20 || last == 0x09 { text.removeLast() }
        return text
    }
}

// MARK: - Reading and writing

extension HTTPHeaders {
    /// Makes room for fields and at most 4,096 of these bytes.
    mutating func reserveCapacity(fields: Int, bytes: Int) {
        self.places.reserveCapacity(fields)
        self.bytes.reserveCapacity(Swift.min(bytes, 4096))
    }

    /// Adds bytes to the field that is being read.
    mutating func appendRaw(_ run: UnsafeRawBufferPointer) { self.bytes.append(contentsOf: run) }

    /// The number of bytes so far, to tell where a name or a value begins.
    var rawCount: Int { self.bytes.count }

    /// Completes a field that was read: its name begins at `name`, its value at `value`.
    mutating func completeRaw(name: Int, value: Int) {
        let trimmed = Self.trimmed(self.bytes[value...])
        self.places.append(Place(name: name..<value, value: trimmed.startIndex..<trimmed.endIndex))
    }

    /// Appends the fields as lines, without bytes that would end a line early.
    func write(to bytes: inout [UInt8]) {
        for place in self.places {
            let (name, value) = (self.bytes[place.name], self.bytes[place.value])
            guard !name.isEmpty, name.allSatisfy(HTTPHeadDecoder.isTokenByte) else { continue }
            bytes.append(contentsOf: name)
            bytes.append(UInt8(ascii: ":"))
            bytes.append(UInt8(ascii: " "))
            if value.allSatisfy(HTTPHeadDecoder.isFieldByte) {
                bytes.append(contentsOf: value)
            } else {
                for byte in value where HTTPHeadDecoder.isFieldByte(byte) { bytes.append(byte) }
            }
            bytes.append(UInt8(ascii: "\r"))
            bytes.append(UInt8(ascii: "\n"))
        }
    }
}

extension HTTPHeaders: Hashable {
    public static func == (left: HTTPHeaders, right: HTTPHeaders) -> Bool {
        left.count == right.count
            && zip(left, right).allSatisfy { Self.equal($0.name, $1.name) && $0.value == $1.value }
    }

    public func hash(into hasher: inout Hasher) {
        for field in self {
            hasher.combine(field.name.lowercased())
            hasher.combine(field.value)
        }
    }
}

extension HTTPHeaders: RandomAccessCollection {
    public var startIndex: Int { 0 }
    public var endIndex: Int { self.places.count }

    public subscript(position: Int) -> Field {
        let place = self.places[position]
        return Field(
            name: HTTPHeadDecoder.text(self.bytes[place.name]),
            value: HTTPHeadDecoder.text(self.bytes[place.value])
        )
    }
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
