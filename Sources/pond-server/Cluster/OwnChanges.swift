/// The changes that were made here and told to all, and have not come back through the journal. Pure.
///
/// What is made here holds here at once. If a change of another server comes between, whose word was the last is for
/// the journal to say: then what is on its way is made once more when it comes.
struct OwnChanges: Sendable {
    private var onTheirWay = 0
    private var isMixed = false

    /// A change was made here and is told.
    mutating func told() { self.onTheirWay += 1 }

    /// Another server's change was made here.
    mutating func heardOther() { if self.onTheirWay > 0 { self.isMixed = true } }

    /// A change of this server came back; whether it must be made once more.
    mutating func heardOwn() -> Bool {
        let again = self.isMixed
        self.onTheirWay = max(0, self.onTheirWay - 1)
        if self.onTheirWay == 0 { self.isMixed = false }
        return again
    }
}
