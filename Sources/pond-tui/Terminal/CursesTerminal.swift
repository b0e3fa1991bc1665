internal import CPondCurses

/// The terminal through ncurses. Belongs to the main thread: no other may call it.
final class CursesTerminal {
    /// What the terminal shows, or `nil` when that is not known.
    private var shown: Grid?
    let output = TerminalOutput()
    private var modes: TerminalModes
    private(set) var isActive = false
    /// Whether the terminal shows what comes between two marks all at once.
    var isSynchronised = false
    private var title = ""
    let hasColour: Bool
    /// Whether the locale can show more than ASCII.
    let isUnicode: Bool

    /// The terminal as it is now, or `nil` when curses does not know its kind.
    init?(mouse: Bool, isModern: Bool, crashReport: String) {
        self.isUnicode = pond_locale_utf8() != 0
        pond_crash_install()
        guard pond_screen_open() != 0 else { return nil }
        self.hasColour = pond_screen_colours() >= 8
        self.modes = TerminalModes(mouse: mouse, isModern: isModern)
        self.isActive = true
        // From here on a crash must undo everything: what curses set, and what is set below.
        let bytes = Array((self.modes.leaveAll + Self.capabilities(["rmkx", "sgr0", "cnorm", "rmcup"])).utf8)
        bytes.withUnsafeBufferPointer { buffer in
            buffer.withMemoryRebound(to: CChar.self) { pond_crash_arm($0.baseAddress, $0.count, crashReport) }
        }
        self.write(self.modes.enter + (isModern ? TerminalModes.askSynchronised : ""))
    }

    /// The keys of this terminal's description.
    static func keySequences() -> [[UInt8]: Key] {
        let names: [(String, Key.Code)] = [
            ("kcuu1", .up), ("kcud1", .down), ("kcub1", .left), ("kcuf1", .right), ("khome", .home), ("kend", .end),
            ("kpp", .pageUp), ("knp", .pageDown), ("kdch1", .delete), ("kich1", .insert),
        ]
        var sequences: [[UInt8]: Key] = [:]
        let functions = (1...12).map { ("kf\($0)", Key.Code.function($0)) }
        for (name, code) in names + functions {
            guard let text = pond_capability(name) else { continue }
            let bytes = Array(String(cString: text).utf8)
            if bytes.count > 1, bytes[0] == 0x1B { sequences[bytes] = Key(code) }
        }
        return sequences
    }

    /// The size that the kernel says.
    static func size() -> Size? {
        var rows: Int32 = 0
        var columns: Int32 = 0
        guard pond_terminal_size(&rows, &columns) != 0 else { return nil }
        return Size(columns: Int(columns), rows: Int(rows))
    }

    /// Shows a grid; gives back whether anything had to be sent.
    @discardableResult
    func draw(_ grid: Grid) -> Bool {
        guard self.isActive, grid.size.columns > 0, grid.size.rows > 0 else { return false }
        var grid = self.isUnicode ? grid : grid.asciiOnly()
        if !self.hasColour { grid = grid.withoutColour() }
        guard grid != self.shown else { return false }
        let old = self.shown?.size == grid.size ? self.shown : nil
        // A frame of one or two rows comes at once anyway.
        let isLarge =
            self.isSynchronised
            && old.map { old in (0..<grid.size.rows).count { old.row($0) != grid.row($0) } > 2 } != false
        for row in 0..<grid.size.rows where old.map({ $0.row(row) != grid.row(row) }) ?? true {
            pond_row_begin(Int32(row))
            // Each cell once and from left to right: a wide glyph is never half overwritten.
            for cell in grid.row(row) where cell.width > 0 { self.put(cell) }
        }
        let cursor = grid.cursor ?? Position(column: 0, row: 0)
        pond_screen_show(Int32(cursor.row), Int32(cursor.column), grid.cursor == nil ? 0 : 1)
        self.shown = grid
        let frame = Self.taken()
        self.output.write(
            isLarge ? Array(TerminalModes.beginFrame.utf8) + frame + Array(TerminalModes.endFrame.utf8) : frame
        )
        return true
    }

    /// The size has changed.
    func resize(_ size: Size) {
        guard self.isActive else { return }
        pond_screen_resize(Int32(size.rows), Int32(size.columns))
        self.shown = nil
    }

    /// The next frame is drawn from nothing.
    func forget() {
        pond_screen_forget()
        self.shown = nil
    }

    /// The window's title, where the terminal has one.
    func setTitle(_ title: String) {
        guard self.modes.isModern, self.isActive, title != self.title else { return }
        self.title = title
        self.write("\u{1B}]2;\(title)\u{7}")
    }

    func setMouse(_ isOn: Bool) {
        if self.isActive { self.write(isOn ? TerminalModes.mouseOn : TerminalModes.mouseOff) }
        self.modes.mouse = isOn
    }

    /// Gives the terminal back to the shell or to another program.
    func leave() {
        guard self.isActive else { return }
        self.write(self.modes.leaveAll)
        pond_screen_leave()
        self.output.write(Self.taken())
        self.output.drain(milliseconds: Self.patience)
        pond_screen_settings(0)
        self.isActive = false
        self.title = ""
        pond_crash_arm("", 0, "")
    }

    /// A terminal that takes nothing is not waited for longer than this at the end.
    private static let patience: Int32 = 1_500

    /// What curses has written.
    private static func taken() -> [UInt8] {
        let length = pond_screen_take(nil, 0)
        guard length > 0 else { return [] }
        return [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            count = buffer.withMemoryRebound(to: CChar.self) { pond_screen_take($0.baseAddress, length) }
        }
    }

    /// Takes the terminal again after `leave`.
    func resume(crashReport: String) {
        guard !self.isActive else { return }
        pond_screen_settings(1)
        if let size = Self.size() { pond_screen_resize(Int32(size.rows), Int32(size.columns)) }
        pond_screen_resume()
        self.output.write(Self.taken())
        self.isActive = true
        self.shown = nil
        let bytes = Array((self.modes.leaveAll + Self.capabilities(["rmkx", "sgr0", "cnorm", "rmcup"])).utf8)
        bytes.withUnsafeBufferPointer { buffer in
            buffer.withMemoryRebound(to: CChar.self) { pond_crash_arm($0.baseAddress, $0.count, crashReport) }
        }
        self.write(self.modes.enter)
    }

    /// Bytes that curses knows nothing of, such as a bell; only between frames.
    func write(_ text: String) {
        guard self.isActive else { return }
        self.output.write(text.utf8)
    }

    private func put(_ cell: Cell) {
        let pair = pond_colour_pair(
            cell.style.foreground.map { Int32($0.index) } ?? -1,
            cell.style.background.map { Int32($0.index) } ?? -1
        )
        let attributes = Int32(cell.style.attributes.rawValue)
        var scalars = cell.text.unicodeScalars.prefix(5).map { wchar_t(bitPattern: $0.value) }
        scalars.append(0)
        pond_row_put(scalars, attributes, pair)
    }

    private static func capabilities(_ names: [String]) -> String {
        names.map { name in pond_capability(name).map { Self.withoutPadding(String(cString: $0)) } ?? "" }.joined()
    }

    /// terminfo writes delays as `$<5>`; a terminal of today needs none.
    private static func withoutPadding(_ text: String) -> String {
        var result = ""
        var rest = Substring(text)
        while let start = rest.firstRange(of: "$<") {
            result += rest[..<start.lowerBound]
            guard let end = rest[start.upperBound...].firstIndex(of: ">") else { return result }
            rest = rest[rest.index(after: end)...]
        }
        return result + rest
    }
}
