/// Bytes in the arena of a loop's current turn, which any number of the loop's channels may be told to write.
package struct OutboundRange {
    let offset: UInt32
    let count: UInt32
    /// The arena was emptied so often before; a range of an earlier time means nothing.
    let generation: UInt32
}
