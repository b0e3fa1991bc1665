/// A value that has one form in JSON, so that it can stand in a payload as it is.
///
/// ```swift
/// context.broadcast("scored", ["name": name, "points": points, "tags": tags, "team": team?.name])
/// ```
///
/// Give your own types a form of their own with it; for a `Codable` type use `broadcast(_:encoding:)` instead.
public protocol JSONConvertible {
    /// This value as JSON.
    var json: JSON { get }
}

/// The members of an object, written as a dictionary literal of any values that have a form in JSON.
///
/// `nil` becomes `null`. A nested literal of values of several types needs `as JSON` or `JSON([…])`.
public typealias JSONMembers = KeyValuePairs<String, (any JSONConvertible)?>

extension JSON {
    /// The JSON form of a value.
    public init(_ value: some JSONConvertible) { self = value.json }

    /// An object of these members.
    @_disfavoredOverload
    public init(_ members: JSONMembers) { self = .object(JSONObject(members)) }
}

extension JSONObject {
    /// An object of these members.
    @_disfavoredOverload
    public init(_ members: JSONMembers) { self.init(members.map { ($0.key, $0.value?.json ?? .null) }) }
}

extension Payload {
    /// An object of these members.
    @_disfavoredOverload
    public init(_ members: JSONMembers) { self.init(JSONObject(members)) }
}

extension JSON: JSONConvertible {
    public var json: JSON { self }
}

extension JSONObject: JSONConvertible {
    public var json: JSON { .object(self) }
}

extension Payload: JSONConvertible {}

extension Bool: JSONConvertible {
    public var json: JSON { .bool(self) }
}

extension Double: JSONConvertible {
    public var json: JSON { .double(self) }
}

extension Float: JSONConvertible {
    public var json: JSON { .double(Double(self)) }
}

extension String: JSONConvertible {
    public var json: JSON { .string(self) }
}

extension Substring: JSONConvertible {
    public var json: JSON { .string(String(self)) }
}

extension JSONConvertible where Self: BinaryInteger {
    public var json: JSON { Int64(exactly: self).map(JSON.int) ?? .uint(UInt64(clamping: self)) }
}

extension Int: JSONConvertible {}
extension Int8: JSONConvertible {}
extension Int16: JSONConvertible {}
extension Int32: JSONConvertible {}
extension Int64: JSONConvertible {}
extension UInt: JSONConvertible {}
extension UInt8: JSONConvertible {}
extension UInt16: JSONConvertible {}
extension UInt32: JSONConvertible {}
extension UInt64: JSONConvertible {}

extension Optional: JSONConvertible where Wrapped: JSONConvertible {
    public var json: JSON { self?.json ?? .null }
}

extension Array: JSONConvertible where Element: JSONConvertible {
    public var json: JSON { .array(self.map(\.json)) }
}

extension Dictionary: JSONConvertible where Key == String, Value: JSONConvertible {
    /// An object whose members are in the order of their names.
    public var json: JSON {
        .object(JSONObject(self.sorted { $0.key < $1.key }.map { ($0.key, $0.value.json) }))
    }
}
