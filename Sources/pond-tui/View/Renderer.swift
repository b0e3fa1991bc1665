/// Draws a model. Pure: the same model and size give the same grid.
struct Renderer {
    let model: Model
    let size: Size
    let theme: Theme
    var layout: ScreenLayout
    var grid: Grid
    /// What can be clicked on, the last drawn last; only kept when somebody asks.
    private var targets: [(rect: Rect, target: ScreenTarget)] = []
    private var keepsTargets = false

    /// The screen of a model at a size.
    static func render(_ model: Model, _ size: Size) -> Grid {
        var renderer = Renderer(model: model, size: size)
        renderer.draw()
        return renderer.grid
    }

    /// What there is at a place of that screen.
    static func target(_ model: Model, column: Int, row: Int) -> ScreenTarget? {
        var renderer = Renderer(model: model, size: model.size)
        renderer.keepsTargets = true
        renderer.draw()
        return renderer.targets.last { $0.rect.contains(column: column, row: row) }?.target
    }

    /// Says that a click into a rectangle means something.
    mutating func mark(_ rect: Rect, _ target: @autoclosure () -> ScreenTarget) {
        if self.keepsTargets { self.targets.append((rect, target())) }
    }

    /// The same for the links among glyphs that begin at a column.
    mutating func markLinks(_ glyphs: [Glyph], column: Int, row: Int) {
        guard self.keepsTargets else { return }
        var at = column
        for glyph in glyphs {
            if glyph.link > 0 {
                self.mark(Rect(column: at, row: row, columns: glyph.width, rows: 1), .link(Int(glyph.link)))
            }
            at += glyph.width
        }
    }

    private init(model: Model, size: Size) {
        self.model = model
        self.size = size
        self.theme = model.theme
        self.layout = model.layout(size)
        self.grid = Grid(size)
    }

    private mutating func draw() {
        if case .start(let start) = self.model.overlay { return self.drawStart(start) }
        switch self.layout.kind {
        case .tooSmall:
            let need = ScreenLayout.minimum
            let text = "need \(need.columns)x\(need.rows), have \(self.size.columns)x\(self.size.rows)"
            self.grid.put(text, .plain, column: 0, row: 0, columns: self.size.columns)
            self.grid.cursor = Position(column: 0, row: 0)
        case .minimal:
            self.drawMinimalHeader()
            self.drawTimeline()
            self.drawPrompt()
        case .narrow, .stacked, .three:
            self.drawHeader()
            self.drawRooms()
            self.drawPeople()
            self.drawChannelLine()
            self.drawMessages()
            self.drawTypingLine()
            self.drawMachines()
            self.drawStatus()
            self.drawPrompt()
            self.drawFooter()
        }
        if self.layout.kind != .tooSmall { self.drawPopups() }
    }

    // MARK: Pieces that all parts use

    /// Texts with roles, one after the other.
    func glyphs(_ parts: (String, Role)...) -> [Glyph] {
        parts.flatMap { TextSanitiser.glyphs($0.0, style: self.theme[$0.1]) }
    }

    /// Peers' names and topics: on one line.
    func line(_ text: String, _ role: Role) -> [Glyph] {
        TextSanitiser.glyphs(TextSanitiser.plain(text), style: self.theme[role])
    }

    /// Left and right parts of a row; the right part goes first when there is no room for both.
    mutating func put(_ left: [Glyph], _ right: [Glyph], in rect: Rect) {
        guard !rect.isEmpty else { return }
        let rightColumns = right.columns
        let fits = left.columns + (rightColumns > 0 ? rightColumns + 1 : 0) <= rect.columns
        if rightColumns > 0, fits || rightColumns < rect.columns / 2 {
            self.grid.put(left, column: rect.column, row: rect.row, columns: rect.columns - rightColumns - 1)
            self.grid.put(
                right,
                column: rect.endColumn - rightColumns,
                row: rect.row,
                columns: rightColumns
            )
        } else {
            self.grid.put(left, column: rect.column, row: rect.row, columns: rect.columns)
        }
    }

    /// A row of dashes with a text in its middle.
    mutating func putRule(_ text: [Glyph], dashes: String, style: Style, column: Int, row: Int, columns: Int) {
        let pattern = TextSanitiser.glyphs(self.drawn(dashes), style: style)
        guard columns > 0, !pattern.isEmpty else { return }
        var glyphs: [Glyph] = []
        while glyphs.count < columns { glyphs.append(pattern[glyphs.count % pattern.count]) }
        self.grid.put(glyphs, column: column, row: row, columns: columns)
        guard !text.isEmpty else { return }
        let blank = Glyph(" ", width: 1, style: style)
        let label = [blank] + text + [blank]
        var offset = max(0, (columns - label.columns) / 2)
        // The label's blank takes the place of one of the rule's.
        if pattern.count == 2, offset > 0, offset % 2 == 0 { offset -= 1 }
        let start = column + offset
        self.grid.put(label, column: start, row: row, columns: min(label.columns, columns))
    }

    /// A piece of a rule as the user wants it: lines only where the terminal has them.
    func drawn(_ piece: String) -> String {
        guard self.model.settings.drawsLines, self.model.charset == "UTF-8" else { return piece }
        return piece.map { $0 == "|" ? "\u{2502}" : $0 == "-" ? "\u{2500}" : String($0) }.joined()
    }

    /// The vertical rule beside a side bar.
    mutating func putFrame(column: Int, rows: Range<Int>) {
        for row in rows { self.grid.put(self.drawn("|"), self.theme[.frame], column: column, row: row, columns: 1) }
    }

    func role(of state: ConnectionState) -> Role {
        switch state {
        case .connected: .good
        case .connecting: .waiting
        case .disconnected: .bad
        }
    }

    func role(of state: ChannelState) -> Role {
        switch state {
        case .joined: .good
        case .joining: .waiting
        case .stalled, .declined: .bad
        case .idle, .closed: .away
        }
    }
}

/// What there is to click on at some place of the screen.
enum ScreenTarget: Hashable, Sendable {
    case room(String)
    case person(String)
    /// A link of the room shown, by its number.
    case link(Int)
    /// The words that say how much there is below.
    case newest
    /// A place in the text being written.
    case prompt(character: Int)
}
