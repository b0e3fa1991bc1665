internal import Glibc

/// The chat on a terminal's screen.
final class CursesSurface: Surface {
    private let terminal: CursesTerminal
    private var decoder: InputDecoder
    private let noColour: Bool
    private let crashReport: String
    private let inTmux: Bool
    /// Whether the terminal is of the kind that marks pastes and knows notifications.
    private let isModern: Bool

    /// The screen, or `nil` when the terminal's kind is not known.
    init?(mouse: Bool, crashReport: String) {
        let isModern = TerminalModes.isModern(Environment["TERM"] ?? "")
        guard let terminal = CursesTerminal(mouse: mouse, isModern: isModern, crashReport: crashReport) else {
            return nil
        }
        self.isModern = isModern
        self.terminal = terminal
        self.decoder = InputDecoder(extra: CursesTerminal.keySequences())
        self.noColour = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
        self.inTmux = getenv("TMUX") != nil
        self.crashReport = crashReport
    }

    var isScreen: Bool { true }
    var hasPendingInput: Bool { self.decoder.hasPending }
    /// What the status line says of the character set.
    var charset: String { self.terminal.isUnicode ? "UTF-8" : "ASCII" }

    func events(from bytes: [UInt8]) -> [Event] {
        if !self.isModern, !self.decoder.hasPending, let text = InputDecoder.unmarkedPaste(bytes) {
            return [.paste(text)]
        }
        let events = self.decoder.feed(bytes)
        for report in self.decoder.takeModeReports() where report.mode == TerminalModes.synchronised {
            self.terminal.isSynchronised = report.isKnown
        }
        return events
    }
    func flushInput() -> [Event] { self.decoder.flush() }

    var blockedOutput: Int32? { self.terminal.output.isBehind ? self.terminal.output.descriptor : nil }
    func flushOutput() { self.terminal.output.flush() }

    func show(_ model: Model) {
        let grid = Renderer.render(model, model.size)
        self.terminal.draw(self.noColour ? grid.withoutColour() : grid)
        if model.settings.title { self.terminal.setTitle(Renderer.title(model)) }
    }

    func resized() -> Size? {
        guard let size = CursesTerminal.size() else { return nil }
        self.terminal.resize(size)
        return size
    }

    func leave() { self.terminal.leave() }

    func perform(_ effect: Effect, _ model: Model) -> [Event] {
        switch effect {
        case .bell: self.terminal.write("\u{7}")
        case .notify(let title, let body):
            guard self.isModern else { break }
            let kind = model.settings.notifications
            self.terminal.write(self.passed(NotificationSequence.text(kind, title: title, body: body)))
        case .copy(let text):
            // tmux takes this one itself and hands it on where it is set to.
            self.terminal.write("\u{1B}]52;c;\(Base64.encode(Array(text.utf8)))\u{7}")
        case .mouse(let isOn): self.terminal.setMouse(isOn)
        case .repaint: self.terminal.forget()
        case .suspend: return self.suspend()
        case .bare(let lines): return self.bare(lines)
        case .edit(let text): return self.edit(text)
        default: break
        }
        return []
    }

    /// A sequence for the terminal outside tmux.
    private func passed(_ sequence: String) -> String {
        guard self.inTmux else { return sequence }
        return "\u{1B}Ptmux;" + sequence.replacing("\u{1B}", with: "\u{1B}\u{1B}") + "\u{1B}\\"
    }

    private func suspend() -> [Event] {
        self.terminal.leave()
        SignalWatch.obey(SIGTSTP, group: true)
        self.terminal.resume(crashReport: self.crashReport)
        return [.resumed] + (CursesTerminal.size().map { [.resize($0)] } ?? [])
    }

    private func bare(_ lines: [String]) -> [Event] {
        self.terminal.leave()
        StandardOutput.write("\u{1B}[2J\u{1B}[H" + lines.joined(separator: "\n") + "\n\n[Enter goes back] ")
        self.waitForEnter()
        self.terminal.resume(crashReport: self.crashReport)
        return CursesTerminal.size().map { [.resize($0)] } ?? []
    }

    private func waitForEnter() {
        while true {
            var poller = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
            guard poll(&poller, 1, -1) > 0 else { continue }
            switch FileDescriptor.read(0) {
            case .bytes(let bytes): if bytes.contains(0x0A) || bytes.contains(0x0D) { return }
            case .ended: return
            case .nothing: continue
            }
        }
    }

    private func edit(_ text: String) -> [Event] {
        let editor = Environment["VISUAL"] ?? Environment["EDITOR"] ?? "vi"
        let folder = Environment["XDG_RUNTIME_DIR"] ?? Environment["TMPDIR"] ?? "/tmp"
        let path = "\(folder)/pond-tui-\(getpid()).txt"
        guard PrivateFile.write(Array((text + "\n").utf8), to: path) else { return [.problem("cannot write \(path)")] }
        defer { unlink(path) }
        self.terminal.leave()
        // The editor's words may have arguments: let the shell split them.
        let status = ChildProcess.run(["sh", "-c", editor + " \"$1\"", "pond-tui", path], .foreground)
        self.terminal.resume(crashReport: self.crashReport)
        var events: [Event] = CursesTerminal.size().map { [.resize($0)] } ?? []
        if status == 0, var bytes = PrivateFile.read(path, limit: 1 << 20) {
            while bytes.last == 0x0A { bytes.removeLast() }
            events.append(.edited(String(decoding: bytes, as: UTF8.self)))
        } else {
            events.append(.problem("\(editor) ended badly; the text is as it was"))
        }
        return events
    }
}
