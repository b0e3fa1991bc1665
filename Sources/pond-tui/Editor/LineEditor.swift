/// The text being written, with its cursor, undo and kill ring: a value, so that a room can keep its own.
struct LineEditor: Hashable, Sendable {
    private(set) var characters: [Character] = []
    /// The cells of each character; see `cells(of:)`.
    private(set) var cells: [UInt8] = []
    private(set) var cursor = 0
    private var undos: [Snapshot] = []
    private var redos: [Snapshot] = []
    private var killRing: [String] = []
    private var lastEdit = Edit.none
    /// Where the last yank stands, to be replaced by the next yank-pop.
    private var yanked: Range<Int>?
    /// More than any server takes; a bound for pastes.
    static let capacity = 100_000
    private static let undoDepth = 200
    /// The characters that all steps of undo hold together; of a long text there are fewer steps.
    private static let undoCapacity = 2_000_000
    private var undoSize = 0

    private struct Snapshot: Hashable, Sendable {
        var characters: [Character]
        var cells: [UInt8]
        var cursor: Int
    }

    private enum Edit: Hashable, Sendable {
        case none
        case typing
        case killing
        case other
    }

    init(_ text: String = "") {
        self.characters = Array(TextSanitiser.editable(text))
        self.cells = self.characters.map(Self.cells)
        self.cursor = self.characters.count
    }

    var text: String { String(self.characters) }
    var isEmpty: Bool { self.characters.isEmpty }
    /// The text before the cursor.
    var head: String { String(self.characters[..<self.cursor]) }

    // MARK: Changing

    /// Puts text in at the cursor.
    mutating func insert(_ text: String) {
        let new = Array(TextSanitiser.editable(text).prefix(max(0, Self.capacity - self.characters.count)))
        guard !new.isEmpty else { return }
        self.remember(new.count == 1 && new[0] != " " ? .typing : .other)
        self.splice(self.cursor..<self.cursor, new)
    }

    /// Replaces everything; can be undone.
    mutating func replace(with text: String) {
        self.remember(.other)
        self.characters = Array(TextSanitiser.editable(text).prefix(Self.capacity))
        self.cells = self.characters.map(Self.cells)
        self.cursor = self.characters.count
    }

    /// Replaces a range of characters and leaves the cursor after the new ones.
    mutating func replace(_ range: Range<Int>, with text: String) {
        let bounded = range.clamped(to: 0..<self.characters.count)
        self.remember(.other)
        self.splice(bounded, Array(TextSanitiser.editable(text)))
    }

    /// Empties the editor, as after sending: nothing to undo.
    mutating func clear() {
        self.characters = []
        self.cells = []
        self.cursor = 0
        self.undos = []
        self.undoSize = 0
        self.redos = []
        self.lastEdit = .none
        self.yanked = nil
    }

    mutating func deleteBackward() { self.delete(max(0, self.cursor - 1)..<self.cursor) }
    mutating func deleteForward() { self.delete(self.cursor..<min(self.characters.count, self.cursor + 1)) }

    /// Swaps the two characters at the cursor.
    mutating func transpose() {
        let at = self.cursor == self.characters.count ? self.cursor - 1 : self.cursor
        guard at > 0, self.characters.count > 1 else { return }
        self.remember(.other)
        let pair = [self.characters[at], self.characters[at - 1]]
        self.splice((at - 1)..<(at + 1), pair)
    }

    // MARK: Kill and yank

    mutating func killToEnd() { self.kill(self.cursor..<max(self.cursor, self.killEnd), forward: true) }
    mutating func killToStart() { self.kill(self.lineStart..<self.cursor, forward: false) }
    mutating func killWordBackward() { self.kill(self.wordStart(before: self.cursor)..<self.cursor, forward: false) }
    mutating func killWordForward() { self.kill(self.cursor..<self.wordEnd(after: self.cursor), forward: true) }

    /// Ctrl-W: back to the last blank.
    mutating func killToBlank() {
        var start = self.cursor
        while start > 0, self.characters[start - 1].isWhitespace { start -= 1 }
        while start > 0, !self.characters[start - 1].isWhitespace { start -= 1 }
        self.kill(start..<self.cursor, forward: false)
    }

    /// Cuts a range, which can be put in again.
    mutating func cut(_ range: Range<Int>) {
        self.kill(range.clamped(to: 0..<self.characters.count), forward: true)
        // Each command of vi's stands for itself.
        self.lastEdit = .other
    }

    /// Keeps a range, to be put in elsewhere.
    mutating func copy(_ range: Range<Int>) {
        self.pushKill(String(self.characters[range.clamped(to: 0..<self.characters.count)]))
        self.lastEdit = .other
    }

    private mutating func pushKill(_ text: String) {
        guard !text.isEmpty else { return }
        self.killRing.append(text)
        if self.killRing.count > 20 { self.killRing.removeFirst() }
    }

    /// Puts in what was killed last.
    mutating func yank() {
        guard let text = self.killRing.last else { return }
        self.remember(.other)
        let start = self.cursor
        self.splice(start..<start, Array(text))
        self.yanked = start..<self.cursor
    }

    /// Replaces what was just yanked by what was killed before it.
    mutating func yankPop() {
        guard let range = self.yanked, let last = self.killRing.popLast() else { return }
        self.killRing.insert(last, at: 0)
        guard let text = self.killRing.last else { return }
        self.remember(.other)
        self.splice(range, Array(text))
        self.yanked = range.lowerBound..<self.cursor
    }

    // MARK: Undo

    mutating func undo() {
        guard let snapshot = self.undos.popLast() else { return }
        self.undoSize -= snapshot.characters.count
        self.redos.append(self.snapshot)
        self.restore(snapshot)
    }

    mutating func redo() {
        guard let snapshot = self.redos.popLast() else { return }
        self.keep(self.snapshot)
        self.restore(snapshot)
    }

    // MARK: Moving

    mutating func moveLeft() { self.move(to: self.cursor - 1) }
    mutating func moveRight() { self.move(to: self.cursor + 1) }
    mutating func moveToLineStart() { self.move(to: self.lineStart) }
    mutating func moveToLineEnd() { self.move(to: self.lineEnd) }
    mutating func moveWordBackward() { self.move(to: self.wordStart(before: self.cursor)) }
    mutating func moveWordForward() { self.move(to: self.wordEnd(after: self.cursor)) }

    /// Moves a line up; `false` on the first line, where history takes over.
    mutating func moveUp() -> Bool {
        let start = self.lineStart
        guard start > 0 else { return false }
        let column = self.cursor - start
        let previousEnd = start - 1
        self.cursor = previousEnd
        let previousStart = self.lineStart
        self.move(to: min(previousStart + column, previousEnd))
        return true
    }

    /// Moves a line down; `false` on the last line.
    mutating func moveDown() -> Bool {
        let column = self.cursor - self.lineStart
        let end = self.lineEnd
        guard end < self.characters.count else { return false }
        self.cursor = end + 1
        self.move(to: min(end + 1 + column, self.lineEnd))
        return true
    }

    /// Puts the cursor at a character.
    mutating func move(to position: Int) {
        self.cursor = min(max(0, position), self.characters.count)
        self.lastEdit = .none
        self.yanked = nil
    }

    // MARK: Inside

    /// The first character of the cursor's line.
    var lineStart: Int { (self.characters[..<self.cursor].lastIndex(of: "\n") ?? -1) + 1 }
    /// The end of the cursor's line.
    var lineEnd: Int { self.characters[self.cursor...].firstIndex(of: "\n") ?? self.characters.count }
    /// The line's end, or past it when the cursor stands there already.
    private var killEnd: Int {
        let end = self.lineEnd
        return end == self.cursor ? min(end + 1, self.characters.count) : end
    }

    private func wordStart(before position: Int) -> Int {
        var at = position
        while at > 0, !self.isWord(at - 1) { at -= 1 }
        while at > 0, self.isWord(at - 1) { at -= 1 }
        return at
    }

    private func wordEnd(after position: Int) -> Int {
        var at = position
        while at < self.characters.count, !self.isWord(at) { at += 1 }
        while at < self.characters.count, self.isWord(at) { at += 1 }
        return at
    }

    private func isWord(_ index: Int) -> Bool {
        let character = self.characters[index]
        return character.isLetter || character.isNumber || character == "_"
    }

    private mutating func delete(_ range: Range<Int>) {
        guard !range.isEmpty else { return }
        self.remember(.other)
        self.splice(range, [])
    }

    private mutating func kill(_ range: Range<Int>, forward: Bool) {
        guard !range.isEmpty else { return }
        let continues = self.lastEdit == .killing
        let text = String(self.characters[range])
        self.remember(.killing)
        if continues, let last = self.killRing.popLast() {
            self.killRing.append(forward ? last + text : text + last)
        } else {
            self.pushKill(text)
        }
        self.splice(range, [])
    }

    private mutating func splice(_ range: Range<Int>, _ new: [Character]) {
        self.characters.replaceSubrange(range, with: new)
        self.cells.replaceSubrange(range, with: new.map(Self.cells))
        self.cursor = range.lowerBound + new.count
        self.rejoin(range.lowerBound..<self.cursor)
    }

    /// A mark that comes to stand after a letter joins it, as do the parts of an emoji: what was changed is read anew,
    /// with as much around it as could be concerned.
    private mutating func rejoin(_ changed: Range<Int>) {
        func isPlain(_ index: Int) -> Bool {
            !self.characters.indices.contains(index) || Self.isPlain(self.characters[index])
        }
        var low = changed.lowerBound
        while low > 0, !(isPlain(low - 1) && isPlain(low)) { low -= 1 }
        var high = changed.upperBound
        while high < self.characters.count, !(isPlain(high - 1) && isPlain(high)) { high += 1 }
        guard self.characters[low..<high].contains(where: { !$0.isASCII }) else { return }
        let joined = Array(String(self.characters[low..<high]))
        guard joined.count != high - low || !joined.elementsEqual(self.characters[low..<high]) else { return }
        let head = String(self.characters[low..<self.cursor]).count
        self.characters.replaceSubrange(low..<high, with: joined)
        self.cells.replaceSubrange(low..<high, with: joined.map(Self.cells))
        self.cursor = min(low + head, low + joined.count)
    }

    /// Keeps the present text for undo; a run of typed letters or of kills is one step.
    private mutating func remember(_ edit: Edit) {
        defer {
            self.lastEdit = edit
            self.yanked = nil
        }
        guard edit != .typing || self.lastEdit != .typing else { return }
        self.keep(self.snapshot)
        self.redos = []
    }

    private var snapshot: Snapshot {
        Snapshot(characters: self.characters, cells: self.cells, cursor: self.cursor)
    }

    private mutating func keep(_ snapshot: Snapshot) {
        self.undos.append(snapshot)
        self.undoSize += snapshot.characters.count
        while self.undos.count > Self.undoDepth || (self.undoSize > Self.undoCapacity && self.undos.count > 1) {
            self.undoSize -= self.undos.removeFirst().characters.count
        }
    }

    private mutating func restore(_ snapshot: Snapshot) {
        self.characters = snapshot.characters
        self.cells = snapshot.cells
        self.cursor = min(snapshot.cursor, snapshot.characters.count)
        self.lastEdit = .none
        self.yanked = nil
    }
}
