/// Bytes that are not Redis' protocol, or more of it than we take.
package enum RESPFault: Error, Hashable {
    case unknownType(UInt8)
    case invalidNumber
    case invalidLine
    case lineTooLong
    case tooLarge
    case tooDeep
}
