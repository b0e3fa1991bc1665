/// The start screen, and a name that is taken.
extension Update {
    mutating func pressInStart(_ key: Key, _ start: StartScreen, _ isCancel: Bool) {
        self.model.hint = nil
        var next = start
        defer { if case .start = self.model.overlay { self.model.overlay = .start(next) } }
        if isCancel {
            // Back to the choice, unless there was none.
            guard next.name != nil, !next.isNameOnly else { return self.effects.append(.start(.quit)) }
            next.name = nil
            return
        }
        if let name = next.name {
            switch key.code {
            case .enter:
                if let fault = StartScreen.fault(inName: name) {
                    self.model.hint = fault
                } else {
                    self.decide(next, name)
                }
            default: if let edited = Self.edited(name, by: key) { next.name = String(edited.prefix(40)) }
            }
            return
        }
        switch key.code {
        case .up: next.move(by: -1)
        case .down, .tab: next.move(by: 1)
        case .enter: self.choose(&next)
        default:
            // Who types means an address.
            guard let edited = Self.edited(next.address, by: key) else { return }
            next.address = String(edited.prefix(300))
            next.selected = next.choices.firstIndex(of: .address) ?? next.selected
        }
    }

    private mutating func choose(_ start: inout StartScreen) {
        switch start.choice {
        case .recent(let server): self.effects.append(.start(.connect(url: server.url, nick: server.nick)))
        case .demo: self.effects.append(.start(.demo))
        case .host: start.name = start.ownName
        case .address:
            guard ServerAddress.url(start.address) != nil else {
                self.model.hint =
                    start.address.isEmpty
                    ? "type an address: HOST, HOST:PORT or wss://HOST/PATH"
                    : "no server \(TextSanitiser.plain(start.address)): HOST, HOST:PORT or wss://HOST/PATH"
                return
            }
            start.name = start.ownName
        }
    }

    private mutating func decide(_ start: StartScreen, _ name: String) {
        guard start.choice != .host else { return self.effects.append(.start(.host(nick: name))) }
        guard let url = ServerAddress.url(start.address) else { return }
        self.effects.append(.start(.connect(url: url, nick: name)))
    }

    /// The name is taken: another one is asked for, in place of trying again in vain.
    mutating func pressInName(_ key: Key, _ name: String, _ isCancel: Bool) {
        switch key.code {
        case _ where isCancel:
            self.model.overlay = nil
            self.model.hint = nil
        case .enter:
            if let fault = StartScreen.fault(inName: name) {
                self.model.hint = fault
                return
            }
            self.model.overlay = nil
            self.model.hint = nil
            if name == self.model.nick { self.reconnect() } else { self.request(.nick(name)) }
        default:
            if let edited = Self.edited(name, by: key) { self.model.overlay = .name(String(edited.prefix(40))) }
        }
    }
}
