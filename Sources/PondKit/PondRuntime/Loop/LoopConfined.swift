/// Lets a reference to something that belongs to a loop travel through other threads; only the loop opens it.
///
/// `@unchecked Sendable`: `value` traps anywhere but on `loop`.
package final class LoopConfined<Value>: @unchecked Sendable {
    private let loop: EventLoop
    private let confined: Value

    package init(_ value: Value, to loop: EventLoop) {
        self.loop = loop
        self.confined = value
    }

    /// The value. Call on the loop.
    package var value: Value {
        self.loop.checkIsolated()
        return self.confined
    }
}
