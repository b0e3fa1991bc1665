/// The message that is chosen with the keys.
extension Renderer {
    /// Shows a row of the chosen message as such; the terminal's cursor stands at its first row.
    mutating func markSelected(_ line: RenderedLine, _ rect: Rect) {
        guard case .selection(let selection) = self.model.overlay, line.key == selection.key else { return }
        self.grid.restyle(rect) { $0.adding(.reverse) }
        self.grid.put(">", self.theme[.current], column: rect.column, row: rect.row, columns: 1)
    }

    /// What can be done with it, in place of the prompt.
    mutating func drawSelection(_ selection: Selection) {
        let shown = (self.layout.timeline.row..<self.layout.timeline.endRow).first {
            self.grid[self.layout.timeline.column, $0].text == ">"
                && self.grid[self.layout.timeline.column, $0].style == self.theme[.current]
        }
        self.drawLine("Message: ", "", self.selectionKeys(columns: self.size.columns - 12))
        if let shown { self.grid.cursor = Position(column: self.layout.timeline.column, row: shown) }
    }

    /// The keys that do something with the chosen message, as many as fit.
    private func selectionKeys(columns: Int) -> String {
        guard let item = self.model.selectedItem, let message = item.message else { return "" }
        var keys: [String] = []
        if message.isPending {
            keys = ["e edit", "t take back", "d drop", "s send again"]
        } else if !message.isRemoved {
            keys = ["r reply"]
            if message.author == self.model.nick { keys += ["e edit", "d remove"] }
            keys += ["c copy"]
            if !item.links.isEmpty { keys.append("o open") }
            if message.replyTo != nil { keys.append("a what it answers") }
            if message.author != self.model.nick { keys.append("d remove") }
        }
        keys += ["Esc back", "j k move"]
        var text = ""
        for key in keys where text.count + key.count + 2 <= columns { text += text.isEmpty ? key : "  " + key }
        return text
    }
}
