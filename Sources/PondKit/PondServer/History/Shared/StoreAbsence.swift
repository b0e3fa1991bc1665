/// What the members of this node see of what is said on it while the store of a shared history is away.
public enum StoreAbsence: Sendable, Hashable {
    /// All of it, after an append went so long without an outcome: at once, and without a number, which comes later.
    case show(after: Duration)
    /// Nothing, until the store has it.
    case hold

    /// All of it, after a second.
    public static let showLocally = StoreAbsence.show(after: .seconds(1))

    /// How long a join waits to be told something by the store; `nil` where for as long as it takes.
    var patience: Duration? {
        switch self {
        case .show(let patience): patience
        case .hold: nil
        }
    }

    /// How long it waits for what it has missed. It is longer: who is let in without it hears what others say next
    /// before what they said last.
    var recoveryPatience: Duration? { self.patience.map { $0 * 5 } }
}
