/// The rows of the pages that cover the panes: help, and the answers of commands.
enum PageLayout {
    /// The rows of a page of text: what does not fit goes on in the next row, a little to the right.
    static func textRows(_ model: Model, _ lines: [String], _ size: Size) -> [[Glyph]] {
        let style = model.theme[.text]
        return lines.flatMap { line -> [[Glyph]] in
            let glyphs = TextSanitiser.glyphs(" " + TextSanitiser.plain(line), style: style)
            guard glyphs.columns > size.columns else { return [glyphs] }
            let hanging = TextSanitiser.glyphs(String(repeating: " ", count: 5), style: style)
            return TextWrapper.wrap(glyphs, columns: max(10, size.columns - hanging.count)).enumerated().map {
                ($0 == 0 ? [] : hanging) + $1
            }
        }
    }

    static func isWide(_ size: Size) -> Bool { size.columns >= 70 }

    /// The rows of the help page. On a narrow screen the text goes under the key it tells of.
    static func helpRows(_ model: Model, filter: String, _ size: Size) -> [[Glyph]] {
        let theme = model.theme
        func row(_ text: String, _ role: Role) -> [Glyph] {
            TextSanitiser.glyphs(TextSanitiser.plain(text), style: theme[role])
        }
        return Help.lines(filter: filter, keyMap: model.keyMap).flatMap { line -> [[Glyph]] in
            if line.isHeading { return [row(" " + line.text, .heading)] }
            if line.term.isEmpty { return [row(" " + line.text, .notice)] }
            if Self.isWide(size) {
                let term = row(" " + Self.pad(line.term, 22), .prompt)
                let hanging = row(String(repeating: " ", count: 23), .text)
                return TextWrapper.wrap(row(line.text, .text), columns: max(10, size.columns - term.columns - 1))
                    .enumerated().map { ($0 == 0 ? term : hanging) + $1 }
            }
            return [row(" " + line.term, .prompt)]
                + TextWrapper.wrap(row(line.text, .text), columns: max(10, size.columns - 4)).map {
                    row("   ", .text) + $0
                }
        }
    }

    /// The rows a page has for its text.
    static func pageRows(_ size: Size) -> Int { max(1, size.rows - (size.columns >= 100 && size.rows >= 24 ? 5 : 4)) }

    static func pad(_ text: String, _ columns: Int) -> String {
        let used = TextSanitiser.glyphs(text).columns
        return text + String(repeating: " ", count: max(1, columns - used))
    }
}
