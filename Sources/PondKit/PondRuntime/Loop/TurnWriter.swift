/// What writes, at the end of a turn, the bytes that were queued in it.
///
/// A loop has no sockets of its own: the owner of the first socket installs a writer with `EventLoop.install(_:)`.
package protocol TurnWriter: AnyObject {
    /// Whether something was queued that `flush` must write.
    var hasWork: Bool { get }
    /// Writes what was queued.
    func flush()
    /// Lets go of what belongs to the loop's thread, which ends after this.
    func threadEnds()
}
