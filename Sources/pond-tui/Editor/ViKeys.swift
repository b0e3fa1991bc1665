/// vi's keys for the input line: what each key means between writing and commands.
struct ViKeys: Hashable, Sendable {
    private(set) var state = State.writing
    /// A number typed before a command; 0 for none.
    private var count = 0

    /// What the next key is for.
    enum State: Hashable, Sendable {
        /// Keys write; can become `commanding` by Escape.
        case writing
        /// Keys are commands; can become any other state.
        case commanding
        /// A motion is to follow; can become `commanding`, `writing` or `finding`.
        case operating(Operator)
        /// A character to go to is to follow; can become `commanding` or `writing`.
        case finding(Find, Operator?)
        /// A character to put in place of this one is to follow; can become `commanding`.
        case replacing
        /// A second `g` is to follow; can become `commanding`.
        case going
    }

    /// What is done with the text that a motion passes.
    enum Operator: Character, Hashable, Sendable {
        case delete = "d"
        case change = "c"
        case copy = "y"
    }

    /// How a character is looked for.
    enum Find: Character, Hashable, Sendable {
        case to = "f"
        case backTo = "F"
        case before = "t"
        case backBefore = "T"
    }

    /// What becomes of a key.
    enum Outcome: Hashable, Sendable {
        /// It means what it means without vi.
        case passed
        case done
        case action(Action)
        /// A line that begins so is to be written.
        case begin(String)
    }

    /// Whether keys are commands, which the prompt shows.
    var isCommanding: Bool { self.state != .writing }

    /// A key was pressed.
    mutating func press(_ key: Key, _ editor: inout LineEditor) -> Outcome {
        if self.state == .writing {
            guard key == Key(.escape) else { return .passed }
            self.state = .commanding
            if editor.cursor > editor.lineStart { editor.moveLeft() }
            return .done
        }
        if key == Key(.character("r"), .control) { return self.over(.action(.redo)) }
        guard case .character(let character) = key.code, key.modifiers.isDisjoint(with: [.alt, .control]) else {
            let wasWaiting = self.state != .commanding || self.count > 0
            self.state = key.code == .enter ? .writing : .commanding
            self.count = 0
            return key == Key(.escape) && wasWaiting ? .done : .passed
        }
        switch self.state {
        case .replacing:
            let end = min(editor.characters.count, editor.cursor + max(1, self.count))
            let range = editor.cursor..<end
            editor.replace(range, with: String(repeating: character, count: range.count))
            editor.moveLeft()
            return self.over()
        case .going: return self.over(character == "g" ? .action(.top) : .done)
        case .finding(let find, let operation): return self.found(character, find, operation, &editor)
        case .operating(let operation): return self.operate(character, operation, &editor)
        case .commanding, .writing: return self.command(character, &editor)
        }
    }

    private mutating func over(_ outcome: Outcome = .done, to state: State = .commanding) -> Outcome {
        self.state = state
        self.count = 0
        return outcome
    }

    private mutating func counts(_ character: Character) -> Bool {
        guard character.isASCII, let digit = character.wholeNumberValue, digit > 0 || self.count > 0 else {
            return false
        }
        self.count = min(9_999, self.count * 10 + digit)
        return true
    }

    // MARK: Commands

    private mutating func command(_ character: Character, _ editor: inout LineEditor) -> Outcome {
        if self.counts(character) { return .done }
        if let operation = Operator(rawValue: character) {
            self.state = .operating(operation)
            return .done
        }
        if let find = Find(rawValue: character) {
            self.state = .finding(find, nil)
            return .done
        }
        if let target = self.motion(character, editor) {
            editor.move(to: target.position)
            editor.stepOntoCharacter()
            return self.over()
        }
        let times = max(1, self.count)
        let end = editor.lineEnd
        let here = editor.cursor
        switch character {
        case "i": break
        case "a": editor.move(to: min(here + 1, end))
        case "I": editor.move(to: editor.firstInk)
        case "A": editor.moveToLineEnd()
        case "o":
            editor.moveToLineEnd()
            editor.insert("\n")
        case "O":
            editor.moveToLineStart()
            editor.insert("\n")
            editor.moveLeft()
        case "s": editor.cut(here..<min(end, here + times))
        case "C": editor.cut(here..<end)
        case "S": editor.cut(editor.lineStart..<end)
        case "x": return self.changed(&editor) { $0.cut(here..<min(end, here + times)) }
        case "X": return self.changed(&editor) { $0.cut(max($0.lineStart, here - times)..<here) }
        case "D": return self.changed(&editor) { $0.cut(here..<end) }
        case "Y": return self.changed(&editor) { $0.copy($0.lineStart..<end) }
        case "p", "P":
            return self.changed(&editor) { editor in
                if character == "p" { editor.move(to: min(here + 1, end)) }
                editor.yank()
                if editor.cursor > 0 { editor.moveLeft() }
            }
        case "~":
            return self.changed(&editor) { editor in
                editor.swapCase(here..<min(end, here + times))
                editor.move(to: min(end, here + times))
            }
        case "u": return self.over(.action(.undo))
        case "j": return self.over(.action(.down))
        case "k": return self.over(.action(.up))
        case "G": return self.over(.action(.bottom))
        case "/": return self.over(.action(.search))
        case ":": return self.over(.begin("/"), to: .writing)
        case "r":
            self.state = .replacing
            return .done
        case "g":
            self.state = .going
            return .done
        default: return self.over()
        }
        return self.over(to: .writing)
    }

    private mutating func changed(_ editor: inout LineEditor, _ change: (inout LineEditor) -> Void) -> Outcome {
        change(&editor)
        editor.stepOntoCharacter()
        return self.over()
    }

    // MARK: Operators

    private mutating func operate(_ character: Character, _ operation: Operator, _ editor: inout LineEditor) -> Outcome
    {
        if self.counts(character) { return .done }
        if let find = Find(rawValue: character) {
            self.state = .finding(find, operation)
            return .done
        }
        if character == operation.rawValue {
            // The whole line, with its end where another line is left.
            let takesEnd = operation == .delete && editor.lineEnd < editor.characters.count
            return self.apply(operation, editor.lineStart..<(editor.lineEnd + (takesEnd ? 1 : 0)), &editor)
        }
        // `cw` changes to the end of the word, not to the next.
        let isOnInk =
            editor.characters.indices.contains(editor.cursor) && !editor.characters[editor.cursor].isWhitespace
        let motion: Character =
            operation == .change && isOnInk ? (character == "w" ? "e" : character == "W" ? "E" : character) : character
        guard let target = self.motion(motion, editor) else { return self.over() }
        let end = target.position + (target.isInclusive ? 1 : 0)
        return self.apply(operation, min(editor.cursor, end)..<max(editor.cursor, end), &editor)
    }

    private mutating func apply(_ operation: Operator, _ range: Range<Int>, _ editor: inout LineEditor) -> Outcome {
        let range = range.clamped(to: 0..<editor.characters.count)
        if operation == .copy {
            editor.copy(range)
            editor.move(to: range.lowerBound)
        } else {
            editor.cut(range)
        }
        if operation != .change { editor.stepOntoCharacter() }
        return self.over(to: operation == .change ? .writing : .commanding)
    }

    private mutating func found(
        _ character: Character,
        _ find: Find,
        _ operation: Operator?,
        _ editor: inout LineEditor
    ) -> Outcome {
        let forward = find == .to || find == .before
        guard let place = editor.find(character, forward: forward) else { return self.over() }
        let position = find == .before ? place - 1 : find == .backBefore ? place + 1 : place
        guard let operation else {
            editor.move(to: position)
            return self.over()
        }
        let range = forward ? editor.cursor..<(position + 1) : position..<editor.cursor
        return self.apply(operation, range, &editor)
    }

    // MARK: Motions

    private func motion(_ character: Character, _ editor: LineEditor) -> (position: Int, isInclusive: Bool)? {
        var at = editor.cursor
        let times = max(1, self.count)
        switch character {
        case "h": return (max(editor.lineStart, at - times), false)
        case "l", " ": return (min(editor.lineEnd, at + times), false)
        case "0": return (editor.lineStart, false)
        case "^": return (editor.firstInk, false)
        case "$": return (editor.lineEnd, false)
        case "w", "W": for _ in 0..<times { at = editor.nextWord(from: at, big: character == "W") }
        case "b", "B": for _ in 0..<times { at = editor.previousWord(from: at, big: character == "B") }
        case "e", "E":
            for _ in 0..<times { at = editor.wordLast(from: at, big: character == "E") }
            return (at, true)
        default: return nil
        }
        return (at, false)
    }
}
