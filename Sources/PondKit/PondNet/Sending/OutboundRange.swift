/// Bytes in the arena of a loop's current turn, which any number of the loop's channels may be told to write.
///
/// It means nothing once the arena was emptied: hand it on at once and do not keep it.
package struct OutboundRange {
    let offset: UInt32
    let count: UInt32
}
