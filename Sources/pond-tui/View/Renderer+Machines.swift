/// The pane of both state machines: the present states lit, the transitions just taken, and what they wait for.
extension Renderer {
    mutating func drawMachines() {
        let rect = self.layout.machines
        guard rect.rows > 1, rect.columns > 10 else { return }
        self.grid.fill(rect)
        let hasKeys = self.model.overlay == .machines
        let rows = self.machineRows(columns: rect.columns, rows: rect.rows - 1)
        for (offset, row) in rows.prefix(rect.rows - 1).enumerated() {
            self.put(
                row.left,
                row.right,
                in: Rect(column: rect.column, row: rect.row + offset, columns: rect.columns, rows: 1)
            )
        }
        let keys = hasKeys ? self.machineKeys(columns: rect.columns - 4) : "F6 takes the keys, Esc closes"
        self.putRule(
            self.glyphs((keys, hasKeys ? .current : .notice)),
            dashes: "-",
            style: self.theme[hasKeys ? .current : .frame],
            column: rect.column,
            row: rect.endRow - 1,
            columns: rect.columns
        )
    }

    private typealias MachineRow = (left: [Glyph], right: [Glyph])

    /// As many keys as fit, the most useful first.
    private func machineKeys(columns: Int) -> String {
        var text = ""
        for piece in [
            "c cut", "z freeze", "h heal", "r retry", "Tab write", "Esc close", "p ping", "up/down log",
            "left/right room",
        ] {
            guard text.count + 2 + piece.count <= columns else { break }
            text += text.isEmpty ? piece : "  " + piece
        }
        return text
    }

    private func machineRows(columns: Int, rows: Int) -> [MachineRow] {
        let diagram = MachineDiagram.connection.lines.count + MachineDiagram.channel.lines.count
        let isDrawn = columns > MachineDiagram.channel.columns + 2 && rows >= diagram + 5
        var lines: [MachineRow] = [self.connectionHeading]
        if isDrawn { lines += self.drawing(of: .connection, nil, self.model.connection.state.rawValue) }
        lines.append(self.connectionFacts(columns: columns))
        if let room = self.model.machineRoom {
            lines.insert(self.channelHeading(room), at: isDrawn ? lines.count : 1)
            if isDrawn { lines += self.drawing(of: .channel, room.name, room.state.rawValue) }
        }
        let left = rows - lines.count
        guard left > 0 else { return lines }
        return lines + self.machineLog(rows: left)
    }

    private func age(_ since: WallTime?) -> String {
        guard let since else { return "" }
        return " for " + Elapsed.brief(milliseconds: self.model.now - since)
    }

    private var connectionHeading: MachineRow {
        let status = self.model.connection
        var left = self.glyphs((" CONNECTION  ", .heading))
        left += self.glyphs((status.state.rawValue, self.role(of: status.state)), (self.age(status.since), .text))
        if let fault = self.model.machines.fault {
            left += self.glyphs((fault == .cut ? "  cut on purpose" : "  frozen on purpose", .bad))
        }
        guard let retryAt = status.retryAt else {
            let words = status.attempt > 1 ? "\(status.attempt) tries " : ""
            return (left, self.glyphs((words, .notice)))
        }
        let seconds = Elapsed.seconds(roundingUp: retryAt - self.model.now)
        var right = self.glyphs(("try \(max(1, status.attempt)) in \(seconds)s ", .waiting))
        if let from = status.retryFrom {
            let bar = MachineDiagram.bar(self.model.now - from, of: retryAt - from, columns: 10)
            right += self.glyphs((self.piece(bar) + " ", .waiting))
        }
        return (left, right)
    }

    private func channelHeading(_ room: Room) -> MachineRow {
        var left = self.glyphs((" CHANNEL  ", .heading)) + self.line(room.title, .text)
        left += self.glyphs(("  ", .text), (room.state.rawValue, self.role(of: room.state)))
        left += self.glyphs((self.age(room.stateSince), .text))
        let entries = self.model.outbox.entries(of: room.name)
        let queued = entries.count { if case .queued = $0.state { true } else { false } }
        let sending = entries.count { if case .sending = $0.state { true } else { false } }
        let role: Role = queued + sending > 0 ? .mark : .notice
        return (left, self.glyphs(("queue \(queued)  unconfirmed \(sending) ", role)))
    }

    /// Lag, silence, session, and what the last rejoin brought.
    private func connectionFacts(columns: Int) -> MachineRow {
        let status = self.model.connection
        var left = self.glyphs((" lag ", .notice))
        if let lag = status.lagMilliseconds {
            left += self.glyphs((lag < 1 ? "<1 ms " : "\(lag) ms ", .text))
        } else {
            left += self.glyphs(("- ", .text))
        }
        let lags = self.model.machines.lags
        let spark = MachineDiagram.sparkline(lags, columns: min(20, max(0, columns - 52)))
        if !spark.isEmpty { left += self.glyphs((self.piece(spark) + " ", .text)) }
        if let silence = self.model.silence {
            left += self.glyphs(("  no answer for \(silence)", .bad))
        } else if status.state != .connected, let silence = status.silence(at: self.model.now) {
            left += self.glyphs(("  last heard \(silence) ago", .notice))
        } else if let resumed = status.isResumed {
            left += self.glyphs((resumed ? "  session resumed" : "  new session", .notice))
        }
        var right: [Glyph] = []
        if let recovery = self.model.machineRoom?.recovery {
            let what = recovery.count.map { "recovered \($0)" } ?? "history reloaded"
            right = self.glyphs(("\(what) at \(self.model.civil(recovery.time).clockWithSeconds) ", .notice))
        }
        return (left, right)
    }

    /// A machine with its present state and its last transition lit.
    private func drawing(of diagram: MachineDiagram, _ room: String?, _ state: String) -> [MachineRow] {
        let last = self.model.lastTransition(of: room)
        let lit = last.map { diagram.cells(from: $0.from, to: $0.to) } ?? []
        let place = diagram.place(of: state)
        let role: Role =
            ConnectionState(rawValue: state).map { self.role(of: $0) }
            ?? ChannelState(rawValue: state).map { self.role(of: $0) } ?? .text
        return diagram.lines.enumerated().map { row, line in
            var glyphs = self.glyphs((" ", .text))
            for (column, character) in line.enumerated() {
                var style = self.theme[character.isUppercase ? .text : .frame]
                if lit.contains(where: { $0.row == row && $0.columns.contains(column) }) {
                    style = self.theme[.current]
                }
                if let place, place.row == row, place.columns.contains(column) {
                    style = self.theme[role].adding([.bold, .reverse])
                }
                glyphs.append(Glyph(self.piece(String(character)), width: 1, style: style))
            }
            return (glyphs, [])
        }
    }

    /// The changes of all machines, the newest last; scrolled, older ones.
    private func machineLog(rows: Int) -> [MachineRow] {
        let all = self.model.stateLog
        let offset = min(self.model.machines.logOffset, max(0, all.count - 1))
        let shown = all.dropLast(offset).suffix(max(0, rows - 1))
        let more = offset > 0 ? "\(offset) newer below " : ""
        var lines: [MachineRow] = [
            (self.glyphs((" LOG  ", .heading)), self.glyphs((more, .notice)))
        ]
        for entry in shown {
            let title = entry.room.map { name in self.model.index(of: name).map { self.model.rooms[$0].title } ?? name }
            var line = self.glyphs((" \(self.model.civil(entry.time).clockWithSeconds) ", .time))
            line += self.line(PageLayout.pad(title ?? "connection", 12), .text)
            let role =
                ConnectionState(rawValue: entry.state).map { self.role(of: $0) }
                ?? ChannelState(rawValue: entry.state).map { self.role(of: $0) } ?? .mark
            line += self.glyphs((entry.state, role))
            if !entry.detail.isEmpty { line += self.glyphs(("  ", .text)) + self.line(entry.detail, .notice) }
            lines.append((line, []))
        }
        return lines
    }

    /// A piece of a drawing as this terminal can show it.
    private func piece(_ text: String) -> String {
        self.model.charset == "UTF-8" ? text : MachineDiagram.ascii(text)
    }
}
