/// A subject that remembers its last value and tells it to each new observer at once.
public final class BehaviorSubject<Value> {
    private let subject = Subject<Value>()

    /// The last value, also after the end.
    public private(set) var value: Value

    /// A subject that begins with a value.
    public init(_ value: Value) { self.value = value }

    /// The number of observers.
    public var size: Int { self.subject.size }

    /// Whether it was closed.
    public var isClosed: Bool { self.subject.isClosed }

    /// Calls `observer` with the present value now and with every later one; on a closed subject it is never called.
    @discardableResult
    public func subscribe(_ observer: @escaping (Value) -> Void) -> Subscription {
        guard !self.subject.isClosed else { return self.subject.subscribe(observer) }
        observer(self.value)
        return self.subject.subscribe(observer)
    }

    /// Stores a value and passes it to the present observers.
    public func publish(_ value: Value) {
        guard !self.subject.isClosed else { return }
        self.value = value
        self.subject.publish(value)
    }

    /// Lets all observers go; the last value stays readable.
    public func close() { self.subject.close() }
}
