/// Breaks a line of glyphs into lines that fit.
enum TextWrapper {
    /// Lines of at most `columns` cells, broken after spaces where possible and inside a word where not.
    ///
    /// A glyph wider than the whole line becomes `?`, so that every line makes progress.
    static func wrap(_ glyphs: [Glyph], columns: Int) -> [[Glyph]] {
        guard columns > 0 else { return [] }
        var lines: [[Glyph]] = []
        var line: [Glyph] = []
        var width = 0
        /// The number of glyphs up to and with the last space of the line.
        var breakAt = 0
        for original in glyphs {
            if original.isNewline {
                lines.append(line)
                line = []
                width = 0
                breakAt = 0
                continue
            }
            let glyph = original.width > columns ? Glyph("?", width: 1, style: original.style) : original
            if glyph.isSpace, width + 1 > columns {
                // A space at the very edge is swallowed by the break.
                lines.append(line)
                line = []
                width = 0
                breakAt = 0
                continue
            }
            while width + glyph.width > columns {
                let rest = breakAt > 0 ? Array(line[breakAt...]) : []
                var head = breakAt > 0 ? Array(line[..<breakAt]) : line
                while head.last?.isSpace == true { head.removeLast() }
                lines.append(head)
                line = rest
                width = rest.columns
                breakAt = 0
            }
            line.append(glyph)
            width += glyph.width
            if glyph.isSpace, line.contains(where: { !$0.isSpace }) { breakAt = line.count }
        }
        lines.append(line)
        return lines
    }
}
