/// Bytes that are not an HTTP message we take, and the status that says so.
package struct HTTPFault: Error, Hashable {
    /// The status a server answers before it closes.
    package let status: Int
    /// What is wrong, in words that may be shown to the peer.
    package let message: String

    init(_ status: Int, _ message: String) {
        self.status = status
        self.message = message
    }
}
