/// What the connections of one loop hold of messages that are not over, so that all of them together are bounded, too:
/// each alone may hold as much as a message may be.
///
/// Where it is too much, the one that began first gives its message up. Whoever means to finish is done by then.
struct UnfinishedMessages<Owner: AnyObject> {
    private struct Holding {
        let owner: Owner
        let number: UInt64
        var bytes: Int
    }

    /// Less than this is not counted: most messages are short, and done with the next read.
    static var notable: Int { 16 * 1024 }

    private var holdings: [ObjectIdentifier: Holding] = [:]
    private var next: UInt64 = 0
    /// What is held in all.
    private(set) var bytes = 0

    /// A connection holds so much of a message now.
    mutating func holds(_ owner: Owner, _ bytes: Int) {
        let id = ObjectIdentifier(owner)
        self.bytes += bytes - (self.holdings[id]?.bytes ?? 0)
        if self.holdings[id] == nil {
            self.next += 1
            self.holdings[id] = Holding(owner: owner, number: self.next, bytes: bytes)
        } else {
            self.holdings[id]?.bytes = bytes
        }
    }

    /// A connection has finished its message, or is over.
    mutating func forget(_ owner: Owner) {
        guard let holding = self.holdings.removeValue(forKey: ObjectIdentifier(owner)) else { return }
        self.bytes -= holding.bytes
    }

    /// Who has to give its message up, where all hold more than `bound`; it counts no more.
    mutating func oneTooMany(bound: Int) -> Owner? {
        guard self.bytes > bound, let first = self.holdings.values.min(by: { $0.number < $1.number })
        else { return nil }
        self.forget(first.owner)
        return first.owner
    }
}
