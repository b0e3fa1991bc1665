/// What an entry says.
extension TimelineLayout {
    func lines(of item: TimelineItem) -> [RenderedLine] {
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
        let entries = [message.isPending ? self.waiting[message.id] : nil, self.changes[message.id]].compactMap(\.self)
        let deliveries = entries.map { DeliveryWords(entry: $0, room: self.room, now: self.model.now) }
        let delivery = deliveries.first
        var textStyle = self.theme[own ? .ownText : .text]
        if delivery != nil { textStyle = self.theme[.queued] }
        if message.kind == .notice || message.isRemoved { textStyle = self.theme[.notice] }
        if self.model.concernsUser(message, in: self.room) { textStyle = self.theme[.mention] }
        if item.isOld { textStyle = self.theme[.stale] }
        var body: [Glyph] = []
        if let replyTo = message.replyTo {
            body += self.quote(replyTo)
        }
        body += self.body(self.text(of: message), links: item.links, style: textStyle)
        if message.isEdited { body += TextSanitiser.glyphs(" (edited)", style: self.theme[.notice]) }
        var trailing: [Glyph] = []
        if self.style != .brief, !item.links.isEmpty {
            for link in item.links {
                if !trailing.isEmpty { trailing += TextSanitiser.glyphs(" ", style: self.theme[.link]) }
                trailing += self.glyphs("[link \(link.number)]", of: link)
            }
        }
        for delivery in deliveries where !delivery.words.isEmpty {
            if !trailing.isEmpty { trailing += TextSanitiser.glyphs(" ") }
            trailing += TextSanitiser.glyphs("<\(delivery.words)>", style: self.theme[delivery.isBad ? .bad : .waiting])
        }
        if delivery == nil, message.isUnstored {
            if !trailing.isEmpty { trailing += TextSanitiser.glyphs(" ") }
            trailing += TextSanitiser.glyphs("<not stored yet>", style: self.theme[.waiting])
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

    /// The text of a message, or the one it is to have when an edit that waits is sent.
    private func text(of message: ChatMessage) -> String {
        guard let change = self.changes[message.id], case .edit = change.purpose else { return message.text }
        if case .failed = change.state { return message.text }
        return change.text
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

    /// Glyphs that a click opens.
    private func glyphs(_ text: String, of link: NumberedLink) -> [Glyph] {
        TextSanitiser.glyphs(text, style: self.theme[.link]).map { glyph in
            var glyph = glyph
            glyph.link = Int32(clamping: link.number)
            return glyph
        }
    }

    private func body(_ text: String, links: [NumberedLink], style: Style) -> [Glyph] {
        guard !links.isEmpty else { return TextSanitiser.glyphs(text, style: style) }
        var glyphs: [Glyph] = []
        var rest = Substring(text)
        for link in links {
            guard let range = rest.firstRange(of: link.url) else { continue }
            glyphs += TextSanitiser.glyphs(String(rest[..<range.lowerBound]), style: style)
            glyphs += self.glyphs(link.url, of: link)
            rest = rest[range.upperBound...]
        }
        return glyphs + TextSanitiser.glyphs(String(rest), style: style)
    }
}
