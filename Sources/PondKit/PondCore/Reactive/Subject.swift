/// A source of values that calls its observers one after the other, at once, in the order they came.
///
/// Confined to one loop. An observer may subscribe, unsubscribe, publish or close while it is being called: one that
/// came during a value hears the next one first, one that went hears nothing more, and a value published inside an
/// observer goes out after the present one has reached everybody.
public final class Subject<Value> {
    private var observers: [(id: UInt64, call: (Value) -> Void)] = []
    private var nextID: UInt64 = 0
    private var waiting = Queue<Value>()
    private var isPublishing = false

    /// Whether it was closed; then it has no observers and takes no values.
    public private(set) var isClosed = false

    /// A subject without observers.
    public init() {}

    /// The number of observers.
    public var size: Int { self.observers.count }

    /// Calls `observer` for every value from now on; on a closed subject it is never called.
    @discardableResult
    public func subscribe(_ observer: @escaping (Value) -> Void) -> Subscription {
        guard !self.isClosed else {
            let subscription = Subscription {}
            subscription.unsubscribe()
            return subscription
        }
        self.nextID += 1
        let id = self.nextID
        self.observers.append((id, observer))
        return Subscription { [weak self] in self?.observers.removeAll { $0.id == id } }
    }

    /// Passes a value to the present observers.
    public func publish(_ value: Value) {
        guard !self.isClosed else { return }
        self.waiting.append(value)
        guard !self.isPublishing else { return }
        self.isPublishing = true
        while let value = self.waiting.popFirst() {
            for observer in self.observers where self.observers.contains(where: { $0.id == observer.id }) {
                observer.call(value)
            }
        }
        self.isPublishing = false
    }

    /// Lets all observers go; values published later go nowhere.
    public func close() {
        self.isClosed = true
        self.observers.removeAll()
        self.waiting.removeAll()
    }
}
