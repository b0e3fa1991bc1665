/// Breaks a room's entries into rows, from an anchor upwards, so that the cost is that of one screen.
struct TimelineLayout {
    let model: Model
    let room: Room
    let columns: Int
    let style: Form

    /// How names and times are arranged.
    enum Form: Hashable, Sendable {
        /// `22:10      mallory  text`, names to the right.
        case wide
        /// `09:58   bob    text`, names to the left.
        case medium
        /// `bob: text`
        case brief
    }

    let nameColumns: Int
    let theme: Theme
    /// The place of the entry that the marker stands behind, while something unread follows.
    let unreadAfter: Int?
    /// What waits in the room: messages by their id, and the last change of each message by the message's id.
    let waiting: [String: OutboxEntry]
    let changes: [String: OutboxEntry]

    init(model: Model, room: Room, columns: Int, style: Form) {
        self.model = model
        self.room = room
        self.columns = max(1, columns)
        self.style = style
        self.theme = model.theme
        let marker = room.marker.flatMap { room.timeline.index(ofKey: $0) }
        self.unreadAfter = room.countAfterMarker(own: model.nick, model.settings) > 0 ? marker : nil
        let entries = model.outbox.entries(of: room.name)
        self.waiting = Dictionary(entries.map { ($0.id, $0) }) { $1 }
        self.changes = Dictionary(entries.compactMap { entry in entry.changes.map { ($0, entry) } }) { $1 }
        switch style {
        case .wide: self.nameColumns = 10
        case .medium:
            let recent = room.timeline.items.suffix(200).compactMap { $0.message?.author }
            let longest = Set(recent).map { TextSanitiser.glyphs($0).columns }.max() ?? 0
            self.nameColumns = min(max(6, longest), columns >= 50 ? 10 : 8)
        case .brief: self.nameColumns = 0
        }
    }

    /// The rows that fill a pane, the lowest ones given by the room's anchor. Also whether there is more below.
    func lines(rows: Int) -> [RenderedLine] {
        guard rows > 0 else { return [] }
        let groups = self.groups
        guard !groups.isEmpty else { return [] }
        var end = groups.count - 1
        var hidden = 0
        if let scroll = self.room.scroll, let index = self.groupIndex(of: scroll.key, in: groups) {
            end = index
            hidden = scroll.hiddenLines
        }
        var lines: [RenderedLine] = []
        var below: ArraySlice<RenderedLine> = []
        var at = end
        while at >= 0, lines.count < rows {
            var block = self.block(groups, at)[...]
            if at == end, hidden > 0 {
                below = block.suffix(min(hidden, max(0, block.count - 1)))
                block = block.dropLast(below.count)
            }
            lines.insert(contentsOf: block, at: 0)
            at -= 1
        }
        // At the very top the pane is filled downwards, so that the first page has no gap above.
        if lines.count < rows, self.room.scroll != nil {
            lines.append(contentsOf: below)
            var next = end + 1
            while next < groups.count, lines.count < rows {
                lines.append(contentsOf: self.block(groups, next))
                next += 1
            }
            return Array(lines.prefix(rows))
        }
        return Array(lines.suffix(rows))
    }

    /// The anchor after moving by so many rows; `nil` is the end. Negative moves up.
    func anchor(movedBy rows: Int, pane: Int) -> ScrollAnchor? {
        let groups = self.groups
        guard !groups.isEmpty else { return nil }
        var at = groups.count - 1
        var hidden = 0
        if let scroll = self.room.scroll, let index = self.groupIndex(of: scroll.key, in: groups) {
            at = index
            hidden = scroll.hiddenLines
        }
        if rows < 0 {
            hidden -= rows
            while at > 0 {
                let height = self.block(groups, at).count
                if hidden < height { break }
                hidden -= height
                at -= 1
            }
            // Not further than to have the first row at the top of the pane.
            var above = 0
            var index = at
            while index >= 0, above - hidden < pane {
                above += self.block(groups, index).count
                index -= 1
            }
            if above - hidden < pane { return self.topAnchor(groups, pane: pane) }
        } else {
            hidden -= rows
            while hidden < 0 {
                at += 1
                guard at < groups.count else { return nil }
                hidden += self.block(groups, at).count
            }
        }
        if at == groups.count - 1, hidden == 0 { return nil }
        return ScrollAnchor(key: groups[at].last, hiddenLines: hidden)
    }

    /// The anchor that shows an entry in the pane: a third from its top, or at its top when the entry is long.
    func anchor(showing key: Int, pane: Int) -> ScrollAnchor? {
        let groups = self.groups
        guard var at = self.groupIndex(of: key, in: groups) else { return nil }
        var below = self.block(groups, at).count - 1
        let wanted = pane - 1 - pane / 3
        guard below <= wanted else { return self.anchor(beginningAt: key, pane: pane) }
        while below < wanted, at + 1 < groups.count {
            at += 1
            below += self.block(groups, at).count
        }
        if at == groups.count - 1, below <= wanted { return nil }
        return ScrollAnchor(key: groups[at].last, hiddenLines: max(0, below - wanted))
    }

    /// The anchor with an entry's first row, and the marker before it, at the top of the pane; `nil` (the end) when all
    /// rows from there on fit the pane.
    func anchor(beginningAt key: Int, pane: Int) -> ScrollAnchor? {
        let groups = self.groups
        guard var at = self.groupIndex(of: key, in: groups) else { return nil }
        var rows = self.block(groups, at).count
        while rows < pane, at + 1 < groups.count {
            at += 1
            rows += self.block(groups, at).count
        }
        if at == groups.count - 1, rows <= pane { return nil }
        return ScrollAnchor(key: groups[at].last, hiddenLines: rows - pane)
    }

    /// The anchor with the first row at the top.
    func topAnchor(pane: Int) -> ScrollAnchor? { self.topAnchor(self.groups, pane: pane) }

    private func topAnchor(_ groups: [Group], pane: Int) -> ScrollAnchor? {
        var total = 0
        for (index, group) in groups.enumerated() {
            total += self.block(groups, index).count
            if total >= pane {
                if index == groups.count - 1, total == pane { return nil }
                return ScrollAnchor(key: group.last, hiddenLines: total - pane)
            }
        }
        return nil
    }
}

/// One row of the message pane.
struct RenderedLine: Hashable, Sendable {
    /// The entry it belongs to; `nil` for day lines and the marker.
    var key: Int?
    var glyphs: [Glyph]
    /// What stands at the right edge.
    var trailing: [Glyph] = []
    /// Whether the whole row is a rule with a text in its middle.
    var rule: Rule?

    /// What a rule is drawn of.
    enum Rule: Hashable, Sendable {
        case day
        case marker
    }
}
