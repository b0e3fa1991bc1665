/// A value of Redis' protocol, version 2 or 3.
package indirect enum RESPValue: Hashable, Sendable {
    case null
    case simple([UInt8])
    case error([UInt8])
    case integer(Int64)
    case bulk([UInt8])
    case array([RESPValue])
    case double(Double)
    case boolean(Bool)
    /// Digits of any number.
    case bigNumber([UInt8])
    /// Text with a format of three letters.
    case verbatim(format: [UInt8], text: [UInt8])
    /// Keys and values in their order.
    case map([Pair])
    case set([RESPValue])
    /// What the server sends without having been asked, as published messages.
    case push([RESPValue])

    package struct Pair: Hashable, Sendable {
        package var key: RESPValue
        package var value: RESPValue
    }
}
