/// A value that a statement takes or a column holds.
package enum SQLiteValue: Sendable, Hashable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])

    /// An optional text.
    package static func text(orNull text: String?) -> SQLiteValue { text.map(SQLiteValue.text) ?? .null }

    /// An optional integer.
    package static func integer(orNull integer: Int64?) -> SQLiteValue { integer.map(SQLiteValue.integer) ?? .null }
}

extension SQLiteValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByNilLiteral {
    package init(stringLiteral value: String) { self = .text(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(nilLiteral: ()) { self = .null }
}
