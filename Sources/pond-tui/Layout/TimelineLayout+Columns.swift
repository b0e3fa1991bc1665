/// Times, names and texts in their columns.
extension TimelineLayout {
    private var indent: Int {
        switch self.style {
        case .wide: 5 + 1 + 2 + self.nameColumns + 2
        case .medium: 5 + 1 + 1 + 1 + self.nameColumns + 1
        case .brief: 2
        }
    }

    var textColumns: Int { max(1, self.columns - self.indent) }

    /// Puts time, mark, name and text in their columns. A missing name lets the mark stand at its place;
    /// an empty one leaves the place blank.
    func arrange(
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
