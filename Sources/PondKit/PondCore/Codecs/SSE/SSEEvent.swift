/// One event of an event stream.
package struct SSEEvent: Hashable {
    /// Its name; `message` when the stream gave none.
    var name: String
    /// Its data lines, joined by line feeds.
    package var data: [UInt8]
    /// The last id the stream gave, with this event or before.
    var lastID: String
}
