extension Renderer {
    /// The connection machine: its state, the try, the countdown, the lag.
    mutating func drawHeader() {
        let status = self.model.connection
        let own = self.line(self.model.nick, .barStrong) + self.glyphs((self.ownStatusWords, .bar))
        self.grid.fill(self.layout.header, " ", self.theme[.bar])
        var left: [Glyph] = []
        switch self.layout.kind {
        case .three:
            left += self.glyphs((" pond  ", .barStrong)) + self.line(self.model.url, .bar) + self.glyphs(("   ", .bar))
            guard !self.model.isLocal else {
                left += self.connectionPill
                break
            }
            let states: [ConnectionState] = [.disconnected, .connecting, .connected]
            for (index, state) in states.enumerated() {
                if index > 0 { left += self.glyphs((" > ", .bar)) }
                left +=
                    state == status.state
                    ? self.connectionPill : self.glyphs((state.rawValue, .bar))
            }
        case .stacked:
            left += self.glyphs((" pond  ", .barStrong)) + self.shortURL(columns: self.size.columns / 3)
            left += self.glyphs(("  ", .bar)) + self.connectionPill
        case .narrow, .minimal, .tooSmall:
            left += self.glyphs((" ", .bar)) + self.connectionPill
        }
        left += self.glyphs((self.connectionWords, .bar))
        self.put(left, own + self.glyphs((" ", .bar)), in: self.layout.header)
    }

    /// The state of the connection in brackets; not the colour of all being well while the server owes an answer.
    private var connectionPill: [Glyph] {
        let state = self.model.connection.state
        if self.model.isLocal, state == .connected { return self.glyphs(("[LOCAL]", .good)) }
        return self.glyphs(("[\(state.rawValue)]", self.model.silence == nil ? self.role(of: state) : .waiting))
    }

    /// One word for the state that matters most, the room, and what is unread elsewhere.
    mutating func drawMinimalHeader() {
        self.grid.fill(self.layout.header, " ", self.theme[.bar])
        let connection = self.model.connection
        var left: [Glyph] = []
        if connection.state != .connected {
            left += self.glyphs((connection.state.rawValue, self.role(of: connection.state)))
            if let retryAt = connection.retryAt { left += self.glyphs((" " + self.countdown(to: retryAt), .bar)) }
        } else if let silence = self.model.silence {
            left += self.glyphs(("no answer \(silence)", .waiting))
        } else if let room = self.model.current {
            left += self.glyphs((room.state.rawValue, self.role(of: room.state)))
        } else {
            left += self.glyphs((connection.state.rawValue, .good))
        }
        if let room = self.model.current { left += self.glyphs((" ", .bar)) + self.line(room.title, .bar) }
        let unread = self.model.rooms.reduce(0) { $0 + ($1.isMuted ? 0 : $1.unread) }
        let right = unread > 0 ? self.glyphs(("\(unread)", .barStrong)) : []
        self.put(left, right, in: self.layout.header)
    }

    private var ownStatusWords: String {
        switch self.layout.kind {
        case .three: " (\(self.model.ownStatus.rawValue))"
        case .stacked, .narrow, .minimal, .tooSmall:
            self.model.ownStatus == .available ? "" : " (\(self.model.ownStatus.rawValue))"
        }
    }

    private func shortURL(columns: Int) -> [Glyph] {
        // The path is the least of it.
        var url = TextSanitiser.plain(self.model.url)
        if let scheme = url.firstRange(of: "://"),
            let slash = url[scheme.upperBound...].firstIndex(of: "/")
        {
            url = String(url[..<slash])
        }
        let glyphs = TextSanitiser.glyphs(url, style: self.theme[.bar])
        guard glyphs.columns > columns else { return glyphs }
        var kept: [Glyph] = []
        for glyph in glyphs where kept.columns + glyph.width < columns { kept.append(glyph) }
        return kept + [Glyph("~", width: 1, style: self.theme[.bar])]
    }

    private func countdown(to time: WallTime) -> String {
        let seconds = Elapsed.seconds(roundingUp: time - self.model.now)
        return seconds < 100 ? "\(seconds.padded(2))s" : "\(seconds)s"
    }

    private var connectionWords: String {
        let status = self.model.connection
        let wide = self.layout.kind == .three
        switch status.state {
        case .connected:
            if self.model.isLocal { return "" }
            var words = ""
            if let silence = self.model.silence {
                // A lag measured before that means nothing now.
                words += (self.layout.kind == .narrow ? " " : "  ") + "no answer for \(silence)"
            } else if let lag = status.lagMilliseconds {
                words += "  lag \(lag < 1 ? "<1" : "\(lag)") ms"
            }
            if wide, let since = status.since {
                // The minute is enough: the line must not change every second of an idle day.
                let up = self.model.now - since
                words += "  up " + (up < 60_000 ? "<1m" : Elapsed.brief(milliseconds: up))
                if status.attempt > 1 { words += "  tries \(status.attempt)" }
            }
            return words
        case .connecting:
            var words = status.attempt > 1 ? " try \(status.attempt)" : ""
            if let since = status.since, self.model.now - since >= 1_000 {
                words += " for \(Elapsed.brief(milliseconds: self.model.now - since))"
            }
            return words
        case .disconnected:
            guard status.isWanted else { return self.layout.kind == .narrow ? " F5" : " by you  F5=connect" }
            guard let retryAt = status.retryAt else {
                guard let since = status.since else { return "" }
                return " for \(Elapsed.brief(milliseconds: self.model.now - since))  F5=retry now"
            }
            let silence = wide ? status.silence(at: self.model.now).map { "  last heard \($0) ago" } ?? "" : ""
            let key = self.layout.kind == .narrow ? "" : "  F5=retry now" + silence
            return " try \(max(1, status.attempt)) in \(self.countdown(to: retryAt))\(key)"
        }
    }

    /// The channel machine in words, with who is here.
    mutating func drawChannelLine() {
        let rect = self.layout.channelLine
        guard !rect.isEmpty else { return }
        guard let room = self.model.current else {
            self.put(self.glyphs((" no room: /join #name, or F1 for help", .notice)), [], in: rect)
            return
        }
        var left = self.glyphs((" ", .text)) + self.line(room.title, .heading)
        left += self.glyphs(("  ", .text), ("[\(room.state.rawValue)]", self.role(of: room.state)))
        let away = room.people.awayCount
        let count = room.people.count
        let taken = left.columns + "  \(count)* here ".count + (away > 0 ? "  \(away) away".count : 0)
        let words = self.words(of: room, columns: rect.columns - taken - 1)
        if !words.isEmpty { left += self.glyphs((" ", .text), (words, .text)) }
        if self.layout.kind == .three {
            if count > 0 || room.state == .joined {
                let stale = room.isStale ? "*" : ""
                left += self.glyphs(("  \(count)\(stale) here" + (away > 0 ? "  \(away) away" : ""), .text))
            }
            if !room.topic.isEmpty {
                left += self.glyphs(("    Topic: ", .notice)) + self.line(room.topic, .text)
            }
            self.put(left, [], in: rect)
        } else {
            let right = self.glyphs(("\(count)\(room.isStale ? "*" : "") here ", .text))
            self.put(left, right, in: rect)
        }
        if !self.layout.topic.isEmpty {
            self.put(self.glyphs((" Topic: ", .notice)) + self.line(room.topic, .text), [], in: self.layout.topic)
        }
    }

    /// What happened and what to do, as much of it as fits; what to do is the last to go.
    private func longest(of reason: String, _ advice: [String], in columns: Int) -> String {
        let candidates = advice.map { "\(reason), \($0)" } + advice
        return candidates.first { TextSanitiser.glyphs($0).columns <= columns } ?? advice.last ?? ""
    }

    private func words(of room: Room, columns: Int) -> String {
        let brief = self.layout.channelLine.columns < 50
        let reason = room.stateReason.map { TextSanitiser.plain($0) }
        switch room.state {
        case .idle: return "not joined yet: /rejoin"
        case .joining:
            return self.model.connection.state == .connected ? "asking to enter" : "enters when connected"
        case .joined: return ""
        case .stalled: return brief ? "rejoins" : "rejoins when connected"
        case .closed:
            return self.longest(of: reason ?? "left", ["/rejoin to enter again", "/rejoin"], in: columns)
        case .declined:
            // The number is for those who look the rest up; the line in the room has it.
            let words = reason.map { $0.prefix(while: \.isNumber).count == 3 ? String($0.dropFirst(4)) : $0 }
            return self.longest(of: words ?? "refused", ["/rejoin to ask again", "/rejoin"], in: columns)
        }
    }
}

extension Renderer {
    /// What the terminal's title says: mentions and unread messages elsewhere, the room, and a state that is not well.
    static func title(_ model: Model) -> String {
        let counted = model.rooms.filter { !$0.isMuted }
        let mentions = counted.reduce(0) { $0 + $1.mentions }
        let unread = counted.reduce(0) { $0 + $1.unread }
        var words: [String] = []
        if mentions > 0 { words.append("(@\(mentions))") } else if unread > 0 { words.append("(\(min(unread, 99)))") }
        words.append(model.current?.title ?? "pond")
        if model.connection.state != .connected {
            words.append(model.connection.state.rawValue)
        } else if let state = model.current?.state, state != .joined {
            words.append(state.rawValue)
        }
        return TextSanitiser.plain(words.joined(separator: " "))
    }
}
