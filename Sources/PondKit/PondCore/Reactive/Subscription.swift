/// One observer of a subject; `unsubscribe()` ends it, forgetting the value does not.
public final class Subscription {
    private var ending: (() -> Void)?

    init(ending: @escaping () -> Void) { self.ending = ending }

    /// Whether values still come.
    public var isActive: Bool { self.ending != nil }

    /// Ends it at once, also from inside the observer; a second call does nothing.
    public func unsubscribe() {
        let ending = self.ending
        self.ending = nil
        ending?()
    }
}
