/// A state machine as lines of text, with the places of its states and of the arrows between them.
struct MachineDiagram: Sendable {
    /// The drawing in box-drawing characters; `ascii` has the twin of each.
    let lines: [String]
    private let edges: [Edge]

    /// An arrow: from one of some states to another, and the cells it is drawn in.
    struct Edge: Sendable {
        let from: [String]
        let to: String
        let cells: [Segment]
    }

    /// Cells of one row.
    struct Segment: Hashable, Sendable {
        let row: Int
        let columns: Range<Int>

        init(_ row: Int, _ columns: Range<Int>) {
            self.row = row
            self.columns = columns
        }
    }

    /// The connection: three states.
    static let connection = MachineDiagram(
        lines: [
            "DISCONNECTED ──▶ CONNECTING ──▶ CONNECTED",
            "    ▲  ▲             │             │",
            "    │  └── failed ───┘             │",
            "    └───────── lost ───────────────┘",
        ],
        edges: [
            Edge(from: ["DISCONNECTED"], to: "CONNECTING", cells: [Segment(0, 13..<16)]),
            Edge(from: ["CONNECTING"], to: "CONNECTED", cells: [Segment(0, 28..<31)]),
            Edge(
                from: ["CONNECTING"],
                to: "DISCONNECTED",
                cells: [Segment(1, 7..<8), Segment(1, 21..<22), Segment(2, 7..<22)]
            ),
            Edge(
                from: ["CONNECTED"],
                to: "DISCONNECTED",
                cells: [
                    Segment(1, 4..<5), Segment(1, 35..<36), Segment(2, 4..<5), Segment(2, 35..<36),
                    Segment(3, 4..<36),
                ]
            ),
        ]
    )

    /// A channel: six states. The server or the user can close it from every state but the last two.
    static let channel = MachineDiagram(
        lines: [
            "IDLE ──▶ JOINING ──▶ JOINED ──▶ STALLED",
            "            │          ▲           │",
            "            │          └─ rejoined ┤",
            "DECLINED ◀──┴──── refused ─────────┘",
            "CLOSED ◀── left, or removed, from any state",
        ],
        edges: [
            Edge(from: ["IDLE"], to: "JOINING", cells: [Segment(0, 5..<8)]),
            Edge(from: ["JOINING"], to: "JOINED", cells: [Segment(0, 17..<20)]),
            Edge(from: ["JOINED"], to: "STALLED", cells: [Segment(0, 28..<31)]),
            Edge(
                from: ["STALLED"],
                to: "JOINED",
                cells: [Segment(1, 23..<24), Segment(1, 35..<36), Segment(2, 23..<36)]
            ),
            Edge(
                from: ["JOINING"],
                to: "DECLINED",
                cells: [Segment(1, 12..<13), Segment(2, 12..<13), Segment(3, 9..<13)]
            ),
            Edge(
                from: ["STALLED"],
                to: "DECLINED",
                cells: [Segment(1, 35..<36), Segment(2, 35..<36), Segment(3, 9..<36)]
            ),
            Edge(
                from: ["IDLE", "JOINING", "JOINED", "STALLED"],
                to: "CLOSED",
                cells: [Segment(4, 7..<43)]
            ),
        ]
    )

    /// The widest line, in cells.
    var columns: Int { self.lines.map(\.count).max() ?? 0 }

    /// Where a state's word stands.
    func place(of state: String) -> Segment? {
        for (row, line) in self.lines.enumerated() {
            guard let word = line.split(separator: " ").first(where: { $0 == state }) else { continue }
            let start = line.distance(from: line.startIndex, to: word.startIndex)
            return Segment(row, start..<(start + state.count))
        }
        return nil
    }

    /// The cells of the arrow between two states; none where no arrow leads from one to the other.
    func cells(from: String, to: String) -> [Segment] {
        self.edges.first { $0.from.contains(from) && $0.to == to }?.cells ?? []
    }

    /// A piece of a drawing in letters that every terminal has.
    static func ascii(_ text: String) -> String {
        String(
            text.map { character -> Character in
                switch character {
                case "─": "-"
                case "│": "|"
                case "▶": ">"
                case "◀": "<"
                case "▲": "^"
                case "└", "┘", "┴", "┤": "+"
                case "▓": "#"
                case "░": "."
                case "▁", "▂": "_"
                case "▃", "▄": "-"
                case "▅", "▆": "="
                case "▇", "█": "#"
                default: character
                }
            }
        )
    }

    /// A bar of `columns` cells, filled to `part` of `whole`.
    static func bar(_ part: Int64, of whole: Int64, columns: Int) -> String {
        guard whole > 0, columns > 0 else { return "" }
        // Clamped before the product: a server chooses the wait.
        let done = min(max(0, part), whole)
        let filled = Int((Double(done) / Double(whole) * Double(columns)).rounded(.down))
        return String(repeating: "▓", count: filled) + String(repeating: "░", count: columns - filled)
    }

    /// Values as a row of blocks, the highest one full.
    static func sparkline(_ values: [Int], columns: Int) -> String {
        let shown = values.suffix(max(0, columns))
        guard let highest = shown.max() else { return "" }
        let blocks = Array("▁▂▃▄▅▆▇█")
        return String(
            shown.map { value in
                let share = highest > 0 ? Double(max(0, value)) / Double(highest) : 0
                return blocks[min(blocks.count - 1, Int(share * Double(blocks.count - 1) + 0.5))]
            }
        )
    }
}
