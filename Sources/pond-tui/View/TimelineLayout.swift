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

    private let nameColumns: Int
    private let theme: Theme
    private let unreadAfter: Int?
    private let queuedInRoom: [String]

    init(model: Model, room: Room, columns: Int, style: Form) {
        self.model = model
        self.room = room
        self.columns = max(1, columns)
        self.style = style
        self.theme = model.theme
        self.unreadAfter = room.countAfterMarker(own: model.nick) > 0 ? room.marker : nil
        self.queuedInRoom = model.outbox.entries(of: room.name).filter {
            if case .queued = $0.state { true } else { false }
        }.map(\.id)
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
        var at = end
        while at >= 0, lines.count < rows {
            var block = self.block(groups, at)
            if at == end, hidden > 0 { block.removeLast(min(hidden, max(0, block.count - 1))) }
            lines.insert(contentsOf: block, at: 0)
            at -= 1
        }
        // At the very top the pane is filled downwards, so that the first page has no gap above.
        if lines.count < rows, self.room.scroll != nil {
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

    /// The anchor that shows an entry in the pane, a third from its top where possible.
    func anchor(showing key: Int, pane: Int) -> ScrollAnchor? {
        let groups = self.groups
        guard var at = self.groupIndex(of: key, in: groups) else { return nil }
        var below = self.block(groups, at).count - 1
        let wanted = pane - 1 - pane / 3
        while below < wanted, at + 1 < groups.count {
            at += 1
            below += self.block(groups, at).count
        }
        if at == groups.count - 1, below <= wanted { return nil }
        return ScrollAnchor(key: groups[at].last, hiddenLines: max(0, below - wanted))
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

    // MARK: Groups

    /// Entries that are shown as one: a message, or a run of joins and leaves.
    private struct Group {
        /// The places of the first and last entry.
        var range: Range<Int>
        /// The keys of the last entry.
        var last: Int
    }

    /// Only as many entries as any screen can show around the anchor are looked at.
    private var groups: [Group] {
        let items = self.room.timeline.items
        guard !items.isEmpty else { return [] }
        var groups: [Group] = []
        var index = 0
        groups.reserveCapacity(items.count)
        while index < items.count {
            var end = index + 1
            if items[index].isPresence {
                if self.model.settings.foldsPresence {
                    while end < items.count, items[end].isPresence, !self.startsDay(end),
                        items[end - 1].key != self.unreadAfter
                    { end += 1 }
                }
            } else if let message = items[index].message, self.model.settings.ignored.contains(message.author) {
                index = end
                continue
            }
            groups.append(Group(range: index..<end, last: items[end - 1].key))
            index = end
        }
        return groups
    }

    private func groupIndex(of key: Int, in groups: [Group]) -> Int? {
        guard let item = self.room.timeline.index(ofKey: key) else { return nil }
        return groups.lastIndex { $0.range.lowerBound <= item }
    }

    private func startsDay(_ index: Int) -> Bool {
        let items = self.room.timeline.items
        guard index > 0 else { return true }
        let day = self.model.civil(items[index].time)
        return !day.isSameDay(as: self.model.civil(items[index - 1].time))
    }

    /// The rows of a group with the day line and the marker that come before it.
    private func block(_ groups: [Group], _ index: Int) -> [RenderedLine] {
        let group = groups[index]
        let items = self.room.timeline.items
        var lines: [RenderedLine] = []
        if self.style != .brief, self.startsDay(group.range.lowerBound) {
            let day = self.model.civil(items[group.range.lowerBound].time)
            let text = self.style == .wide ? day.longDay : day.shortDay
            lines.append(
                RenderedLine(key: nil, glyphs: TextSanitiser.glyphs(text, style: self.theme[.dayLine]), rule: .day)
            )
        }
        if let marker = self.unreadAfter, group.range.lowerBound > 0,
            items[group.range.lowerBound - 1].key == marker
        {
            lines.append(self.markerLine(items[group.range.lowerBound - 1].time))
        }
        if items[group.range.lowerBound].isPresence, self.model.settings.foldsPresence {
            lines.append(contentsOf: self.foldedPresence(items[group.range]))
        } else {
            lines.append(contentsOf: self.lines(of: items[group.range.lowerBound]))
        }
        return lines
    }

    private func markerLine(_ since: WallTime) -> RenderedLine {
        let count = self.room.countAfterMarker(own: self.model.nick)
        let text =
            switch self.style {
            case .wide: "\(count) new message\(count == 1 ? "" : "s") (M-u jumps here)"
            case .medium: "\(count) new since \(self.model.civil(since).clock)"
            case .brief: "\(count) new"
            }
        return RenderedLine(
            key: nil,
            glyphs: TextSanitiser.glyphs(text, style: self.theme[.unreadLine]),
            rule: .marker
        )
    }

    private func foldedPresence(_ items: ArraySlice<TimelineItem>) -> [RenderedLine] {
        let style = self.theme[.notice]
        guard let first = items.first, let last = items.last else { return [] }
        var text: String
        if items.count == 1, case .presence(let name, let joined, let time) = first.content {
            text = "-- \(self.model.civil(time).clock) \(TextSanitiser.plain(name)) \(joined ? "joined" : "left")"
        } else {
            var joined = 0
            var left = 0
            for item in items {
                if case .presence(_, let isJoin, _) = item.content {
                    if isJoin { joined += 1 } else { left += 1 }
                }
            }
            let parts = [joined > 0 ? "\(joined) joined" : nil, left > 0 ? "\(left) left" : nil].compactMap(\.self)
            let from = self.model.civil(first.time).clock
            let to = self.model.civil(last.time).clock
            text = "-- \(parts.joined(separator: ", ")) (\(from == to ? from : from + "-" + to))"
        }
        let hint = items.count > 1 && self.style != .brief ? TextSanitiser.glyphs("[M-=]", style: style) : []
        return [RenderedLine(key: last.key, glyphs: TextSanitiser.glyphs(text, style: style), trailing: hint)]
    }

    // MARK: Entries

    private func lines(of item: TimelineItem) -> [RenderedLine] {
        switch item.content {
        case .message(let message): return self.lines(of: message, item: item)
        case .presence(let name, let joined, let time):
            let text = "\(TextSanitiser.plain(name)) \(joined ? "joined" : "left")"
            return self.arrange(
                key: item.key,
                time: time,
                mark: joined ? "+" : "-",
                markStyle: self.theme[.notice],
                name: [],
                body: TextSanitiser.glyphs(text, style: self.theme[.notice])
            )
        case .notice(let text, let time):
            return self.arrange(
                key: item.key,
                time: time,
                mark: "!",
                markStyle: self.theme[.mark],
                name: nil,
                body: TextSanitiser.glyphs(text, style: self.theme[.notice])
            )
        }
    }

    private func lines(of message: ChatMessage, item: TimelineItem) -> [RenderedLine] {
        let own = message.author == self.model.nick
        let entry = message.isPending ? self.model.outbox.entry(message.id) : nil
        let delivery = entry.map {
            DeliveryWords(entry: $0, room: self.room, queue: self.queuedInRoom, now: self.model.now)
        }
        var textStyle = self.theme[own ? .ownText : .text]
        if delivery != nil { textStyle = self.theme[.queued] }
        if message.kind == .notice || message.isRemoved { textStyle = self.theme[.notice] }
        if !own, self.model.mentions(message.text) { textStyle = self.theme[.mention] }
        var body: [Glyph] = []
        if let replyTo = message.replyTo {
            body += self.quote(replyTo)
        }
        body += self.body(message.text, links: item.links, style: textStyle)
        if message.isEdited { body += TextSanitiser.glyphs(" (edited)", style: self.theme[.notice]) }
        var trailing: [Glyph] = []
        if self.style != .brief, !item.links.isEmpty {
            let numbers = item.links.map { "[link \($0.number)]" }.joined(separator: " ")
            trailing += TextSanitiser.glyphs(numbers, style: self.theme[.link])
        }
        if let words = delivery?.words {
            if !trailing.isEmpty { trailing += TextSanitiser.glyphs(" ") }
            trailing += TextSanitiser.glyphs("<\(words)>", style: self.theme[delivery?.isBad == true ? .bad : .waiting])
        }
        let nameStyle = own ? self.theme[.ownName] : self.theme.style(ofName: message.author)
        let mark = delivery?.mark ?? (message.kind == .action ? "*" : message.kind == .notice ? "!" : " ")
        return self.arrange(
            key: item.key,
            time: message.time,
            mark: mark,
            markStyle: self.theme[.mark],
            name: TextSanitiser.glyphs(TextSanitiser.plain(message.author), style: nameStyle),
            body: body,
            trailing: trailing
        )
    }

    /// What the answered message said, in a few words and on a line of its own.
    private func quote(_ id: String) -> [Glyph] {
        var text = "> a message that is not loaded"
        if let original = self.room.timeline.message(id) {
            let words = TextSanitiser.plain(original.text)
            text = "> \(TextSanitiser.plain(original.author)): \(words)"
        }
        var glyphs: [Glyph] = []
        let room = max(4, self.textColumns)
        for glyph in TextSanitiser.glyphs(text, style: self.theme[.quote]) {
            if glyphs.columns + glyph.width > room - 1 {
                glyphs.append(Glyph("~", width: 1, style: self.theme[.quote]))
                break
            }
            glyphs.append(glyph)
        }
        return glyphs + [Glyph("\n", width: 0)]
    }

    private func body(_ text: String, links: [NumberedLink], style: Style) -> [Glyph] {
        guard !links.isEmpty else { return TextSanitiser.glyphs(text, style: style) }
        var glyphs: [Glyph] = []
        var rest = Substring(text)
        for link in links {
            guard let range = rest.firstRange(of: link.url) else { continue }
            glyphs += TextSanitiser.glyphs(String(rest[..<range.lowerBound]), style: style)
            glyphs += TextSanitiser.glyphs(link.url, style: self.theme[.link])
            rest = rest[range.upperBound...]
        }
        return glyphs + TextSanitiser.glyphs(String(rest), style: style)
    }

    // MARK: Columns

    private var indent: Int {
        switch self.style {
        case .wide: 5 + 1 + 2 + self.nameColumns + 2
        case .medium: 5 + 1 + 1 + 1 + self.nameColumns + 1
        case .brief: 2
        }
    }

    private var textColumns: Int { max(1, self.columns - self.indent) }

    /// Puts time, mark, name and text in their columns. A missing name lets the mark stand at its place;
    /// an empty one leaves the place blank.
    private func arrange(
        key: Int,
        time: WallTime,
        mark: String,
        markStyle: Style,
        name: [Glyph]?,
        body: [Glyph],
        trailing: [Glyph] = []
    ) -> [RenderedLine] {
        let blank = Glyph(" ", width: 1)
        var head: [Glyph] = []
        switch self.style {
        case .wide:
            head = TextSanitiser.glyphs(self.model.civil(time).clock, style: self.theme[.time]) + [blank]
            let field = self.cut(name ?? [], to: self.nameColumns)
            let marked =
                name == nil
                ? TextSanitiser.glyphs(mark, style: markStyle)
                : mark == " " ? field : TextSanitiser.glyphs(mark + " ", style: markStyle) + field
            head += Array(repeating: blank, count: max(0, self.nameColumns + 2 - marked.columns)) + marked
            head += [blank, blank]
        case .medium:
            head = TextSanitiser.glyphs(self.model.civil(time).clock, style: self.theme[.time]) + [blank]
            head += TextSanitiser.glyphs(mark, style: markStyle) + [blank]
            if let name {
                let field = self.cut(name, to: self.nameColumns)
                head += field + Array(repeating: blank, count: max(0, self.nameColumns - field.columns)) + [blank]
            }
        case .brief:
            if mark != " " { head += TextSanitiser.glyphs(mark + " ", style: markStyle) }
            if let name, !name.isEmpty { head += self.cut(name, to: 10) + TextSanitiser.glyphs(": ") }
        }
        return self.flow(
            key: key,
            head: head,
            body: body,
            trailing: trailing,
            hanging: name == nil ? head.columns : nil
        )
    }

    private func flow(
        key: Int,
        head: [Glyph],
        body: [Glyph],
        trailing: [Glyph],
        hanging: Int?
    ) -> [RenderedLine] {
        let blank = Glyph(" ", width: 1)
        let indent = min(hanging ?? self.indent, max(0, self.columns - 4))
        var rows: [[Glyph]]
        if self.style == .brief {
            rows = TextWrapper.wrap(head + body, columns: self.columns)
        } else {
            rows = TextWrapper.wrap(body, columns: max(1, self.columns - indent))
            rows = rows.enumerated().map { index, row in
                (index == 0 ? head : Array(repeating: blank, count: indent)) + row
            }
        }
        var lines = rows.map { RenderedLine(key: key, glyphs: $0) }
        guard !trailing.isEmpty, let last = lines.indices.last else { return lines }
        if lines[last].glyphs.columns + 2 + trailing.columns <= self.columns {
            lines[last].trailing = trailing
        } else {
            let cut = self.cut(trailing, to: self.columns)
            lines.append(RenderedLine(key: key, glyphs: [], trailing: cut))
        }
        return lines
    }

    private func cut(_ glyphs: [Glyph], to columns: Int) -> [Glyph] {
        guard glyphs.columns > columns, columns > 0 else { return glyphs }
        var kept: [Glyph] = []
        for glyph in glyphs {
            guard kept.columns + glyph.width <= columns - 1 else { break }
            kept.append(glyph)
        }
        return kept + [Glyph("~", width: 1, style: glyphs.first?.style ?? .plain)]
    }
}
