/// Which entries are shown, which of them as one, and the lines between them.
extension TimelineLayout {
    /// Entries that are shown as one: a message, or a run of joins and leaves.
    struct Group {
        /// The places of the first and last entry.
        var range: Range<Int>
        /// The keys of the last entry.
        var last: Int
    }

    /// What is shown, in order: without what the user does not want to see.
    var groups: [Group] {
        let items = self.room.timeline.items
        guard !items.isEmpty else { return [] }
        let settings = self.model.settings
        let isQuiet = settings.presence == .smart ? self.silentPresences : { _ in false }
        var groups: [Group] = []
        var index = 0
        groups.reserveCapacity(items.count)
        while index < items.count {
            var end = index + 1
            if items[index].isPresence {
                if isQuiet(index) {
                    index = end
                    continue
                }
                if settings.presence != .all {
                    while end < items.count, items[end].isPresence, !isQuiet(end), !self.isOtherDay(end, than: end - 1),
                        end - 1 != self.unreadAfter
                    { end += 1 }
                }
            } else if let message = items[index].message, settings.ignores(message.author) {
                index = end
                continue
            }
            groups.append(Group(range: index..<end, last: items[end - 1].key))
            index = end
        }
        return groups
    }

    /// Whether a join or leave is of somebody who says nothing for half an hour before it and after it.
    private var silentPresences: (Int) -> Bool {
        let items = self.room.timeline.items
        let span: Int64 = 30 * 60_000
        var silent = Set<Int>()
        var spoke: [String: WallTime] = [:]
        for (index, item) in items.enumerated() {
            switch item.content {
            case .message(let message): spoke[message.author] = message.time
            case .presence(let name, _, let time):
                if spoke[name].map({ time - $0 > span }) ?? true { silent.insert(index) }
            case .notice: break
            }
        }
        spoke = [:]
        for (index, item) in items.enumerated().reversed() {
            switch item.content {
            case .message(let message): spoke[message.author] = message.time
            case .presence(let name, _, let time):
                if let next = spoke[name], next - time <= span { silent.remove(index) }
            case .notice: break
            }
        }
        return { silent.contains($0) }
    }

    func groupIndex(of key: Int, in groups: [Group]) -> Int? {
        guard let item = self.room.timeline.index(ofKey: key) else { return nil }
        return groups.lastIndex { $0.range.lowerBound <= item }
    }

    private func isOtherDay(_ index: Int, than before: Int) -> Bool {
        let items = self.room.timeline.items
        return !self.model.civil(items[index].time).isSameDay(as: self.model.civil(items[before].time))
    }

    /// The rows of a group with the day line and the marker that come before it.
    func block(_ groups: [Group], _ index: Int) -> [RenderedLine] {
        let group = groups[index]
        let items = self.room.timeline.items
        let first = group.range.lowerBound
        let before = index > 0 ? groups[index - 1].range.upperBound - 1 : nil
        var lines: [RenderedLine] = []
        if self.style != .brief, before.map({ self.isOtherDay(first, than: $0) }) ?? true {
            let day = self.model.civil(items[first].time)
            let text = self.style == .wide ? day.longDay : day.shortDay
            lines.append(
                RenderedLine(key: nil, glyphs: TextSanitiser.glyphs(text, style: self.theme[.dayLine]), rule: .day)
            )
        }
        // Behind the marker, though the entry it stands at, or those that follow, may not be shown.
        if let marker = self.unreadAfter, first > marker, before.map({ $0 <= marker }) ?? true {
            lines.append(self.markerLine(items[marker].time))
        }
        if items[first].isPresence, self.model.settings.presence != .all {
            lines.append(contentsOf: self.foldedPresence(items[group.range]))
        } else {
            lines.append(contentsOf: self.lines(of: items[first]))
        }
        return lines
    }

    private func markerLine(_ since: WallTime) -> RenderedLine {
        let count = self.room.countAfterMarker(own: self.model.nick, self.model.settings)
        let text =
            switch self.style {
            case .wide: "\(Counted.words(count, "new message")) (M-u jumps here)"
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
}
