extension Update {
    /// A click or the wheel.
    mutating func mouse(_ mouse: Event.MouseEvent) {
        switch mouse.kind {
        case .wheelUp: self.wheel(-3)
        case .wheelDown: self.wheel(3)
        case .press, .secondaryPress:
            // What is open takes the keys; a click beside it must not do what cannot be seen.
            guard self.model.overlay == nil, self.model.completion == nil else { return }
            guard let target = Renderer.target(self.model, column: mouse.column, row: mouse.row) else { return }
            self.click(target, isSecondary: mouse.kind == .secondaryPress)
        }
    }

    private mutating func wheel(_ rows: Int) {
        switch self.model.overlay {
        case nil: self.scroll(rows: rows)
        case .help, .text:
            for _ in 0..<abs(rows) { self.pressInOverlay(Key(rows < 0 ? .up : .down)) }
        case .selection, .found: for _ in 0..<abs(rows) { self.pressInOverlay(Key(rows < 0 ? .up : .down)) }
        case .machines: self.scrollMachineLog(by: rows < 0 ? -1 : 1)
        case .start, .name, .switcher, .paste, .quit, .historySearch, .search: break
        }
    }

    private mutating func click(_ target: ScreenTarget, isSecondary: Bool) {
        switch target {
        case .room(let name): self.go(to: name)
        case .person(let name):
            if isSecondary || name == self.model.nick { self.whois(name) } else { self.run(.msg, name) }
        case .link(let number): self.run(isSecondary ? .copy : .open, String(number))
        case .newest: self.scrollToBottom()
        case .prompt(let character): self.model.editor.move(to: character)
        }
    }
}
