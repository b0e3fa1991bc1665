/// Where vi's motions lead, and its changes to whole ranges.
extension LineEditor {
    private enum Kind {
        case blank
        case word
        case sign
    }

    private func kind(_ index: Int, big: Bool) -> Kind {
        let character = self.characters[index]
        if character.isWhitespace { return .blank }
        return big || character.isLetter || character.isNumber || character == "_" ? .word : .sign
    }

    /// The beginning of the next word.
    func nextWord(from position: Int, big: Bool) -> Int {
        var at = position
        let count = self.characters.count
        guard at < count else { return count }
        let first = self.kind(at, big: big)
        if first != .blank { while at < count, self.kind(at, big: big) == first { at += 1 } }
        while at < count, self.kind(at, big: big) == .blank { at += 1 }
        return at
    }

    /// The last character of this word, or of the next where this one is at its end.
    func wordLast(from position: Int, big: Bool) -> Int {
        let count = self.characters.count
        var at = position + 1
        while at < count, self.kind(at, big: big) == .blank { at += 1 }
        guard at < count else { return max(0, count - 1) }
        while at + 1 < count, self.kind(at + 1, big: big) == self.kind(at, big: big) { at += 1 }
        return at
    }

    /// The beginning of this word, or of the one before where this one is at its beginning.
    func previousWord(from position: Int, big: Bool) -> Int {
        var at = position - 1
        while at > 0, self.kind(at, big: big) == .blank { at -= 1 }
        guard at > 0 else { return 0 }
        while at > 0, self.kind(at - 1, big: big) == self.kind(at, big: big) { at -= 1 }
        return at
    }

    /// The first character of the line that is no blank.
    var firstInk: Int {
        let end = self.lineEnd
        return (self.lineStart..<end).first { !self.characters[$0].isWhitespace } ?? end
    }

    /// A character on this line, after the cursor or before it.
    func find(_ character: Character, forward: Bool) -> Int? {
        forward
            ? (min(self.cursor + 1, self.lineEnd)..<self.lineEnd).first { self.characters[$0] == character }
            : (self.lineStart..<self.cursor).last { self.characters[$0] == character }
    }

    /// Away from a line's end, where vi's commands have no place.
    mutating func stepOntoCharacter() {
        if self.cursor > self.lineStart, self.cursor == self.lineEnd { self.move(to: self.cursor - 1) }
    }

    /// Large letters become small and the other way round.
    mutating func swapCase(_ range: Range<Int>) {
        let bounded = range.clamped(to: 0..<self.characters.count)
        let swapped = self.characters[bounded].map { character -> String in
            character.isUppercase ? character.lowercased() : character.uppercased()
        }
        if !bounded.isEmpty { self.replace(bounded, with: swapped.joined()) }
    }
}
