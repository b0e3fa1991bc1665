extension Renderer {
    /// Both machines' last changes, grouped by machine, with times and reasons.
    mutating func drawStateLog() {
        var rect = self.layout.stateLog
        guard !rect.isEmpty else { return }
        let wide = self.layout.kind == .three
        if wide {
            rect = Rect(column: rect.column + 1, row: rect.row, columns: rect.columns - 1, rows: rect.rows)
        }
        let rule = self.drawn(String(repeating: "-", count: rect.columns))
        self.grid.put(rule, self.theme[.frame], column: rect.column, row: rect.row, columns: rect.columns)
        self.put(
            self.glyphs((" STATE LOG", .heading)),
            self.glyphs(("F6 hides ", .notice)),
            in: Rect(column: rect.column, row: rect.row + 1, columns: rect.columns, rows: 1)
        )
        let lines = self.stateLogLines(rows: rect.rows - 2)
        for (index, line) in lines.enumerated() {
            self.grid.put(line, column: rect.column, row: rect.row + 2 + index, columns: rect.columns)
        }
    }

    /// The newest changes that fit, the connection first, then the room shown, then the others.
    private func stateLogLines(rows: Int) -> [[Glyph]] {
        guard rows > 0 else { return [] }
        var rooms: [String] = []
        for entry in self.model.stateLog.reversed() {
            if let room = entry.room, !rooms.contains(room) { rooms.append(room) }
        }
        if let current = self.model.currentName, let index = rooms.firstIndex(of: current) {
            rooms.remove(at: index)
            rooms.insert(current, at: 0)
        }
        let machines: [String?] = [nil] + rooms.map(Optional.some)
        // The connection and the room shown tell their story; of other rooms the last change, while there is room.
        let counts = machines.map { machine in self.model.stateLog.count { $0.room == machine } }
        var left = rows
        let quota = machines.indices.map { index -> Int in
            let wanted = index == 0 ? min(6, max(1, rows / 2 - 1)) : machines[index] == self.model.currentName ? 4 : 1
            let given = min(wanted, counts[index], max(0, left - 1))
            if given > 0 { left -= given + 1 }
            return given
        }
        var lines: [[Glyph]] = []
        for (index, machine) in machines.enumerated() where quota[index] > 0 {
            let title = machine.flatMap { name in self.model.index(of: name).map { self.model.rooms[$0].title } ?? name
            }
            var heading = self.line(" " + (title ?? "conn"), .heading)
            // Only while time is shown passing anyway.
            if machine == nil, self.model.connection.state != .connected,
                let silence = self.model.connection.silence(at: self.model.now)
            {
                heading += self.glyphs(("  last heard \(silence) ago", .notice))
            }
            lines.append(heading)
            for entry in self.model.stateLog.filter({ $0.room == machine }).suffix(quota[index]) {
                let role: Role =
                    switch entry.state {
                    case "CONNECTED", "JOINED": .good
                    case "CONNECTING", "JOINING": .waiting
                    case "DISCONNECTED", "STALLED", "DECLINED": .bad
                    default: .text
                    }
                var line = self.glyphs(
                    (" \(self.model.civil(entry.time).clockWithSeconds) ", .time),
                    (entry.state, role)
                )
                if !entry.detail.isEmpty { line += self.glyphs((" ", .text)) + self.line(entry.detail, .text) }
                lines.append(line)
            }
        }
        return Array(lines.prefix(rows))
    }
}
