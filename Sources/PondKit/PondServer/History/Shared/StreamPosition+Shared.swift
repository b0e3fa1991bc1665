import PondCore

extension StreamPosition {
    /// The greatest number of a shared numbering: every runtime, JSON and Lua hold integers up to it exactly.
    package static let greatestSharedOffset: UInt64 = 1 << 53

    /// A number that Redis or another node gave; `nil` where no numbering can have it.
    package static func sharedOffset(_ number: some BinaryInteger) -> UInt64? {
        guard let offset = UInt64(exactly: number), offset <= self.greatestSharedOffset else { return nil }
        return offset
    }
}
