/// The values of a client or channel from the moment this was asked for, for one consumer.
///
/// ```swift
/// for await message in channel.messages { print(message.event) }
/// ```
public struct ClientSequence<Element: Sendable>: AsyncSequence, Sendable {
    private let mailbox: Mailbox<Element>

    /// `keeping` lives at least as long as the sequence.
    init(
        _ listeners: Listeners<Element>,
        beginningWith first: () -> Element? = { nil },
        capacity: Int,
        keeping owner: (any AnyObject & Sendable)? = nil
    ) {
        self.init(listeners, mapping: { $0 }, beginningWith: first, capacity: capacity, keeping: owner)
    }

    /// The values that `mapping` makes of what `listeners` hear, on the client's loop; it skips those it makes `nil` of.
    init<Value>(
        _ listeners: Listeners<Value>,
        mapping: @escaping @Sendable (Value) -> Element?,
        beginningWith first: () -> Element? = { nil },
        capacity: Int,
        keeping owner: (any AnyObject & Sendable)? = nil
    ) {
        let mailbox = Mailbox<Element>(capacity: capacity, owner: owner)
        self.mailbox = mailbox
        mailbox.hold(
            listeners.add(
                { [weak mailbox] value in
                    if let mailbox, let element = mapping(value) { mailbox.put(element) }
                },
                finished: { [weak mailbox] in mailbox?.finish() },
                begin: { if let first = first() { mailbox.put(first) } }
            )
        )
    }

    /// How many values were dropped because the consumer did not take them in time, the oldest first.
    public var droppedCount: Int { self.mailbox.dropped }

    public func makeAsyncIterator() -> Iterator { Iterator(mailbox: self.mailbox) }

    /// Takes one value after another; ends with the channel or client, or when its task is cancelled.
    public struct Iterator: AsyncIteratorProtocol {
        let mailbox: Mailbox<Element>

        public func next(isolation actor: isolated (any Actor)?) async -> Element? {
            await self.mailbox.next(isolation: actor)
        }

        public func next() async -> Element? { await self.mailbox.next(isolation: #isolation) }
    }
}
