/// The owner of an outbound state, which the loop's queue calls at the end of a turn. Confined to the loop.
package class OutboundOwner {
    init() {}

    /// Writes what is queued: the queue could not send it by itself.
    func writeQueued() {}

    /// The queue offered the socket everything; `result` is the number of bytes taken, or the negative error number.
    func wroteQueued(_ result: Int) {}

    /// Tells the receiver of the end: nothing of the owner is on the stack any more.
    func tellEnd() {}
}
