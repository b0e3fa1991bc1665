/// Makes a tree of JSON text; what it accepts is exactly what `JSONCursor` passes.
///
/// It calls itself once per level, at most `JSONCursor.deepest` times.
struct JSONTreeParser {
    private var cursor: JSONCursor
    private let deepest: Int
    private let members: Int
    /// Where the parser is; a fault leaves it standing at the faulty place.
    private var path: [JSONPathStep] = []

    /// A parser at the beginning; `nil` for no bytes at all.
    init?(_ bytes: UnsafeRawBufferPointer, limits: Limits) {
        guard let cursor = JSONCursor(bytes) else { return nil }
        self.cursor = cursor
        self.deepest = min(limits.jsonDepth, JSONCursor.deepest)
        self.members = limits.jsonKeys
    }

    /// The value of JSON text, and whether any string in it holds a lone surrogate.
    static func parse(
        _ bytes: UnsafeRawBufferPointer,
        limits: Limits
    ) throws(JSONFault) -> (value: JSON, hasLoneSurrogate: Bool) {
        guard var parser = JSONTreeParser(bytes, limits: limits) else {
            throw JSONFault(path: "", message: "Invalid JSON: \(JSONSyntaxFault.unexpectedEnd.words) at byte 0")
        }
        let value = try parser.document()
        return (value, parser.cursor.hasLoneSurrogate)
    }

    /// The one value that the text is.
    mutating func document() throws(JSONFault) -> JSON {
        do {
            self.cursor.skipWhitespace()
            let value = try self.value(depth: 0)
            try self.cursor.finish()
            return value
        } catch {
            throw JSONFault(path: self.path.text, message: "Invalid JSON: \(error.words) at byte \(self.cursor.index)")
        }
    }

    private mutating func value(depth: Int) throws(JSONSyntaxFault) -> JSON {
        switch self.cursor.byte {
        case nil: throw .unexpectedEnd
        case 0x7B: return try self.object(depth: depth)
        case 0x5B: return try self.array(depth: depth)
        case 0x22: return .string(try self.string())
        case 0x74:
            try self.cursor.skipLiteral("true")
            return true
        case 0x66:
            try self.cursor.skipLiteral("false")
            return false
        case 0x6E:
            try self.cursor.skipLiteral("null")
            return nil
        default:
            let start = self.cursor.index
            let isInteger = try self.cursor.skipNumber()
            return JSONCursor.number(self.bytes(from: start, to: self.cursor.index), isInteger: isInteger)
        }
    }

    /// A string whose opening quote should be here.
    private mutating func string() throws(JSONSyntaxFault) -> String {
        try self.cursor.take(0x22, else: .expectedKey)
        let start = self.cursor.index
        let escaped = try self.cursor.skipString()
        return JSONCursor.text(self.bytes(from: start, to: self.cursor.index - 1), escaped: escaped)
    }

    private func bytes(from start: Int, to end: Int) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: self.cursor.base + start, count: end - start)
    }

    private mutating func array(depth: Int) throws(JSONSyntaxFault) -> JSON {
        if try self.opens(closedBy: 0x5D, depth: depth) { return [] }
        var elements: [JSON] = []
        repeat {
            guard elements.count < self.members else { throw .tooManyMembers }
            self.path.append(.index(elements.count))
            elements.append(try self.value(depth: depth + 1))
            self.path.removeLast()
        } while try self.continues(closedBy: 0x5D)
        return .array(elements)
    }

    private mutating func object(depth: Int) throws(JSONSyntaxFault) -> JSON {
        var object = JSONObject()
        if try self.opens(closedBy: 0x7D, depth: depth) { return .object(object) }
        var count = 0
        repeat {
            guard count < self.members else { throw .tooManyMembers }
            count += 1
            let key = try self.string()
            self.cursor.skipWhitespace()
            try self.cursor.take(0x3A, else: .expectedColon)
            self.cursor.skipWhitespace()
            self.path.append(.key(key))
            object[key] = try self.value(depth: depth + 1)
            self.path.removeLast()
        } while try self.continues(closedBy: 0x7D)
        return .object(object)
    }

    /// Passes the opening bracket; says whether the container is empty, and then it is passed whole.
    private mutating func opens(closedBy end: UInt8, depth: Int) throws(JSONSyntaxFault) -> Bool {
        guard depth < self.deepest else { throw .tooDeep }
        self.cursor.index += 1
        self.cursor.skipWhitespace()
        guard let next = self.cursor.byte else { throw .unexpectedEnd }
        guard next == end else { return false }
        self.cursor.index += 1
        return true
    }

    /// Passes what follows an element: a comma, or the closing bracket.
    private mutating func continues(closedBy end: UInt8) throws(JSONSyntaxFault) -> Bool {
        self.cursor.skipWhitespace()
        guard let next = self.cursor.byte else { throw .unexpectedEnd }
        guard next == 0x2C || next == end else { throw .expectedCommaOrEnd }
        self.cursor.index += 1
        self.cursor.skipWhitespace()
        return next == 0x2C
    }
}
