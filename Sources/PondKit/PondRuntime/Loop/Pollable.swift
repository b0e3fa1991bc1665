/// Receives what a file descriptor is ready for; the loop keeps it alive while it is registered.
package protocol Pollable: AnyObject {
    /// The descriptor is ready for some of what was asked.
    func pollReady(_ events: PollEvents)
    /// The loop ends: close the descriptor now.
    func pollStopped()
}
