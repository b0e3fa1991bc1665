/// What is said of an own message that is not confirmed.
struct DeliveryWords {
    /// The glyph before the name.
    let mark: String
    /// The words at the right; none in the first moment.
    let words: String
    /// Whether the user has to do something.
    let isBad: Bool

    init(entry: OutboxEntry, room: Room, queue: [String], now: WallTime) {
        switch entry.state {
        case .queued(let notBefore):
            self.mark = "o"
            self.isBad = false
            if let notBefore, notBefore > now {
                self.words = "queued, again in \((notBefore - now + 999) / 1_000)s"
            } else if let place = queue.firstIndex(of: entry.id) {
                self.words = "queued \(place + 1) of \(queue.count)"
            } else {
                self.words = "queued"
            }
        case .sending(let since):
            self.mark = ">"
            let waited = now - since
            self.isBad = waited >= OutboxEntry.unconfirmedAfter
            if self.isBad {
                self.words = "unconfirmed"
            } else if entry.isFresh(at: now) {
                self.words = ""
            } else if room.state != .joined {
                self.words = "unconfirmed, sent again when joined"
            } else {
                self.words = "sending \(Elapsed.brief(milliseconds: waited))"
            }
        case .failed(let reason):
            self.mark = "x"
            self.isBad = true
            self.words = "failed: \(TextSanitiser.plain(reason)), /retry \(entry.number)"
        case .held:
            self.mark = "o"
            self.isBad = true
            self.words = "held from last time, /retry \(entry.number) or /drop \(entry.number)"
        }
    }
}
