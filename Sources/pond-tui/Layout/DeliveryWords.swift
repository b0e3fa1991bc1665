/// What is said of an own message that is not confirmed.
struct DeliveryWords {
    /// The glyph before the name.
    let mark: String
    /// The words at the right; none in the first moment.
    let words: String
    /// Whether the user has to do something.
    let isBad: Bool

    init(entry: OutboxEntry, room: Room, now: WallTime) {
        let what =
            switch entry.purpose {
            case .message: ""
            case .edit: "edit "
            case .removal: "removal "
            }
        switch entry.state {
        case .queued(let notBefore):
            self.mark = "o"
            self.isBad = false
            if let notBefore, notBefore > now {
                self.words = "\(what)queued #\(entry.number), again in \(Elapsed.seconds(roundingUp: notBefore - now))s"
            } else if entry.mayHaveArrived {
                self.words = "\(what)unconfirmed #\(entry.number), sent again when joined"
            } else {
                self.words = "\(what)queued #\(entry.number)"
            }
        case .sending(let since):
            self.mark = ">"
            let waited = now - since
            self.isBad = waited >= OutboxEntry.unconfirmedAfter
            if self.isBad {
                self.words = "\(what)unconfirmed"
            } else if entry.isFresh(at: now) {
                self.words = ""
            } else if room.state != .joined {
                self.words = "\(what)unconfirmed, sent again when joined"
            } else {
                self.words = "\(what)sending \(Elapsed.brief(milliseconds: waited))"
            }
        case .failed(let reason):
            self.mark = "x"
            self.isBad = true
            self.words = "\(what)failed: \(TextSanitiser.plain(reason)), /retry \(entry.number)"
        case .held:
            self.mark = "o"
            self.isBad = true
            self.words = "\(what)held #\(entry.number), /retry \(entry.number) or /drop \(entry.number)"
        }
    }
}
