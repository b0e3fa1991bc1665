/// Where everything goes on a screen of some size.
struct ScreenLayout: Hashable, Sendable {
    /// Which of the arrangements it is.
    enum Kind: Hashable, Sendable {
        /// Rooms, messages and people side by side.
        case three
        /// Rooms above people in one bar.
        case stacked
        /// Messages alone; counts in the header.
        case narrow
        /// A state word, the last lines, the prompt.
        case minimal
        /// Only a message that says how much is needed.
        case tooSmall
    }

    var kind: Kind
    var header = Rect(column: 0, row: 0, columns: 0, rows: 0)
    var left = Rect(column: 0, row: 0, columns: 0, rows: 0)
    var right = Rect(column: 0, row: 0, columns: 0, rows: 0)
    var channelLine = Rect(column: 0, row: 0, columns: 0, rows: 0)
    /// The topic, where it has a row of its own.
    var topic = Rect(column: 0, row: 0, columns: 0, rows: 0)
    var timeline = Rect(column: 0, row: 0, columns: 0, rows: 0)
    /// The line under the messages: who types, or that nothing is live.
    var typing = Rect(column: 0, row: 0, columns: 0, rows: 0)
    var prompt = Rect(column: 0, row: 0, columns: 0, rows: 0)
    var status = Rect(column: 0, row: 0, columns: 0, rows: 0)
    var footer = Rect(column: 0, row: 0, columns: 0, rows: 0)
    /// The rows of rules above and below the prompt.
    var rules: [Int] = []
    /// The pane of the state machines, above the messages.
    var machines = Rect(column: 0, row: 0, columns: 0, rows: 0)

    static let minimum = Size(columns: 20, rows: 3)

    /// The rows that show both machines and a good piece of their log.
    private static let machineRows = 21

    /// Whether a screen of this size shows the time, which then must be kept right.
    static func showsClock(_ size: Size) -> Bool {
        (size.columns >= 120 && size.rows >= 8) || Self.hasFooter(size)
    }

    /// Whether there is a row for keys, and rules around the prompt.
    private static func hasFooter(_ size: Size) -> Bool { size.columns >= 100 && size.rows >= 24 }

    init(
        _ size: Size,
        promptRows wantedPromptRows: Int = 1,
        showsRooms: Bool = true,
        showsPeople: Bool = true,
        showsMachines: Bool = false,
        hasTopic: Bool = false
    ) {
        let columns = size.columns
        let rows = size.rows
        guard columns >= Self.minimum.columns, rows >= Self.minimum.rows else {
            self.kind = .tooSmall
            return
        }
        guard columns >= 40, rows >= 8 else {
            self.kind = .minimal
            self.header = Rect(column: 0, row: 0, columns: columns, rows: 1)
            self.prompt = Rect(column: 0, row: rows - 1, columns: columns, rows: 1)
            self.timeline = Rect(column: 0, row: 1, columns: columns, rows: rows - 2)
            return
        }
        self.kind = columns >= 120 ? .three : columns >= 60 ? .stacked : .narrow
        let promptRows = min(max(1, wantedPromptRows), max(1, min(6, rows / 4)))
        let hasRules = Self.hasFooter(size)
        self.header = Rect(column: 0, row: 0, columns: columns, rows: 1)
        var bottom = rows
        if hasRules {
            self.footer = Rect(column: 0, row: rows - 1, columns: columns, rows: 1)
            self.status = Rect(column: 0, row: rows - 2, columns: columns, rows: 1)
            self.prompt = Rect(column: 0, row: rows - 3 - promptRows, columns: columns, rows: promptRows)
            self.rules = [self.prompt.row - 1, rows - 3]
            bottom = self.prompt.row - 1
        } else {
            self.prompt = Rect(column: 0, row: rows - promptRows, columns: columns, rows: promptRows)
            self.status = Rect(column: 0, row: self.prompt.row - 1, columns: columns, rows: 1)
            bottom = self.status.row
        }
        let body = bottom - 1
        var leftColumns = 0
        var rightColumns = 0
        switch self.kind {
        case .three:
            // With their rules 24 and 29 of 140 columns; never more than a quarter.
            leftColumns = showsRooms ? min(24, columns / 4) : 0
            rightColumns = showsPeople ? min(29, columns / 4) : 0
        case .stacked: leftColumns = showsRooms || showsPeople ? min(20, columns / 4) : 0
        case .narrow, .minimal, .tooSmall: break
        }
        if leftColumns > 0 { self.left = Rect(column: 0, row: 1, columns: leftColumns, rows: body) }
        if rightColumns > 0 {
            self.right = Rect(column: columns - rightColumns, row: 1, columns: rightColumns, rows: body)
        }
        let centre = leftColumns
        let centreColumns = columns - leftColumns - rightColumns
        self.channelLine = Rect(column: centre, row: 1, columns: centreColumns, rows: 1)
        var top = 2
        if self.kind != .three, hasTopic, rows >= 16 {
            self.topic = Rect(column: centre, row: 2, columns: centreColumns, rows: 1)
            top = 3
        }
        self.typing = Rect(column: centre, row: bottom - 1, columns: centreColumns, rows: 1)
        self.timeline = Rect(column: centre, row: top, columns: centreColumns, rows: bottom - 1 - top)
        if showsMachines {
            // The newest messages stay in sight below it.
            let paneRows = max(min(self.timeline.rows - 3, Self.machineRows), min(self.timeline.rows - 1, 4))
            self.machines = Rect(column: centre, row: top, columns: centreColumns, rows: paneRows)
            self.timeline.row += paneRows
            self.timeline.rows -= paneRows
        }
    }
}
