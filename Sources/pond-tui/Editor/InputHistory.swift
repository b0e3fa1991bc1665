/// What was sent from a room, for going back to with the arrow keys.
struct InputHistory: Hashable, Sendable {
    private(set) var lines: [String] = []
    /// The line shown, counted from the newest; `nil` while the draft is shown.
    private var position: Int?
    private var draft = ""
    private static let capacity = 200

    init(lines: [String] = []) { self.lines = Array(lines.suffix(Self.capacity)) }

    /// Remembers a line and leaves browsing.
    mutating func add(_ line: String) {
        self.position = nil
        guard !line.isEmpty, self.lines.last != line else { return }
        self.lines.append(line)
        if self.lines.count > Self.capacity { self.lines.removeFirst() }
    }

    /// The line before; the text now in the editor is kept as the draft.
    mutating func previous(current: String) -> String? {
        let next = (self.position ?? -1) + 1
        guard next < self.lines.count else { return nil }
        if self.position == nil { self.draft = current }
        self.position = next
        return self.lines[self.lines.count - 1 - next]
    }

    /// The line after, at last the draft.
    mutating func next() -> String? {
        guard let position = self.position else { return nil }
        guard position > 0 else {
            self.position = nil
            return self.draft
        }
        self.position = position - 1
        return self.lines[self.lines.count - position]
    }

    /// The newest lines that contain a text, newest first, each once.
    func matches(_ text: String) -> [String] {
        var seen: Set<String> = []
        return self.lines.reversed().filter { line in
            (text.isEmpty || line.lowercased().contains(text.lowercased())) && seen.insert(line).inserted
        }
    }
}
