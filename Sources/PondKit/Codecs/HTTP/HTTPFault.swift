/// Bytes that are not an HTTP message we take, and the status that says so.
struct HTTPFault: Error, Hashable {
    /// The status a server answers before it closes.
    let status: Int
    /// What is wrong, in words that may be shown to the peer.
    let message: String

    init(_ status: Int, _ message: String) {
        self.status = status
        self.message = message
    }
}
