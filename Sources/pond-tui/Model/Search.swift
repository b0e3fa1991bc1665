/// What is looked for in a room: found once for each text, for the screen is drawn much more often.
struct Search: Hashable, Sendable {
    let query: String
    /// The keys of the messages found, newest first.
    let found: [Int]
    /// Which of them is gone to.
    var selected = 0

    /// Where the room stood before.
    let origin: ScrollAnchor?

    init(_ query: String = "", in room: Room?, origin: ScrollAnchor?) {
        self.query = query
        self.origin = origin
        self.found = room.map { Self.matches(query, in: $0) } ?? []
    }

    /// The entry that is gone to.
    var key: Int? { self.found.indices.contains(self.selected) ? self.found[self.selected] : nil }

    /// Goes to an older one, or to a newer one.
    mutating func move(by step: Int) {
        self.selected = max(0, min(self.selected + step, self.found.count - 1))
    }

    /// Where a text stands in a row, in cells.
    static func columns(of query: String, in glyphs: [Glyph]) -> [Range<Int>] {
        let wanted = query.lowercased().map(String.init)
        guard !wanted.isEmpty, glyphs.count >= wanted.count else { return [] }
        let letters = glyphs.map { $0.text.lowercased() }
        var found: [Range<Int>] = []
        var column = 0
        var at = 0
        while at + wanted.count <= letters.count {
            let end = at + wanted.count
            if letters[at..<end].elementsEqual(wanted) {
                let width = glyphs[at..<end].columns
                found.append(column..<(column + width))
                column += width
                at = end
            } else {
                column += glyphs[at].width
                at += 1
            }
        }
        return found
    }

    /// The keys of the messages that contain a text or whose author is named so, newest first.
    static func matches(_ query: String, in room: Room) -> [Int] {
        let wanted = query.lowercased()
        guard !wanted.isEmpty else { return [] }
        return room.timeline.items.reversed().compactMap { item in
            guard let message = item.message else { return nil }
            let found = message.text.lowercased().contains(wanted) || message.author.lowercased() == wanted
            return found ? item.key : nil
        }
    }
}
