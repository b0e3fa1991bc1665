import PondTesting
import Testing

@testable import pond_tui

@Suite struct LineEditorTests {
    /// Runs edits on a text in which `|` marks the cursor, and gives the result in the same form.
    private func after(_ text: String, _ edits: (inout LineEditor) -> Void) -> String {
        let parts = text.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
        var editor = LineEditor(parts.joined())
        editor.move(to: parts[0].count)
        edits(&editor)
        let characters = editor.characters
        return String(characters[..<editor.cursor]) + "|" + String(characters[editor.cursor...])
    }

    @Test func movesAsInAShell() {
        #expect(self.after("one two|") { $0.moveWordBackward() } == "one |two")
        #expect(self.after("|one two") { $0.moveWordForward() } == "one| two")
        #expect(self.after("one\ntw|o") { $0.moveToLineStart() } == "one\n|two")
        #expect(self.after("o|ne\ntwo") { $0.moveToLineEnd() } == "one|\ntwo")
        #expect(self.after("one\ntw|o") { _ = $0.moveUp() } == "on|e\ntwo")
        #expect(self.after("one|\nt") { _ = $0.moveDown() } == "one\nt|")
        #expect(self.after("|") { $0.moveLeft() } == "|")
    }

    @Test func killsAndYanksAsInAShell() {
        #expect(self.after("one two.three|") { $0.killToBlank() } == "one |")
        #expect(self.after("one two.three|") { $0.killWordBackward() } == "one two.|")
        #expect(self.after("one| two") { $0.killWordForward() } == "one|")
        #expect(self.after("one| two") { $0.killToEnd() } == "one|")
        #expect(self.after("one| two") { $0.killToStart() } == "| two")
        #expect(
            self.after("one two three|") { editor in
                editor.killToBlank()
                editor.killToBlank()
                editor.yank()
                editor.yank()
            } == "one two threetwo three|"
        )
        #expect(
            self.after("a b|") { editor in
                editor.killToBlank()
                editor.moveLeft()
                editor.killToStart()
                editor.yank()
                editor.yankPop()
            } == "b| "
        )
        #expect(self.after("ba|") { $0.transpose() } == "ab|")
    }

    @Test func undoAndRedoGoStepByStep() {
        var editor = LineEditor()
        for character in "hello world" { editor.insert(String(character)) }
        editor.killToBlank()
        #expect(editor.text == "hello ")
        editor.undo()
        #expect(editor.text == "hello world")
        editor.undo()
        editor.undo()
        editor.undo()
        editor.undo()
        #expect(editor.text.isEmpty)
        for _ in 0..<9 { editor.redo() }
        #expect(editor.text == "hello ")
    }

    @Test func clustersAreOneCharacter() {
        #expect(self.after("a👨‍👩‍👧|b") { $0.deleteBackward() } == "a|b")
        #expect(self.after("e|") { $0.insert("\u{301}") } == "e\u{301}|")
    }

    @Test func controlsNeverGetIn() {
        var editor = LineEditor()
        editor.insert("a\u{1B}[31m\r\nb\u{202E}")
        #expect(editor.text == "a[31m\nb")
    }

    @Test func anySequenceOfEditsKeepsTheCursorInside() {
        var random = SeededRandom(seed: 7)
        var editor = LineEditor()
        for _ in 0..<5_000 {
            switch Int.random(in: 0..<16, using: &random) {
            case 0:
                editor.insert(
                    [
                        "a", " ", "\n", "漢", "\u{301}", "word two", "\u{1F1E9}", "\u{200D}", "👩", "👍🏽", "é", "한", "क्",
                        "\u{600}",
                    ].randomElement(using: &random) ?? "a"
                )
            case 1: editor.deleteBackward()
            case 2: editor.deleteForward()
            case 3: editor.killToBlank()
            case 4: editor.killToEnd()
            case 5: editor.killToStart()
            case 6: editor.yank()
            case 7: editor.yankPop()
            case 8: editor.undo()
            case 9: editor.redo()
            case 10: editor.transpose()
            case 11: _ = editor.moveUp()
            case 12: _ = editor.moveDown()
            case 13: editor.moveWordBackward()
            case 14: editor.killWordForward()
            default: editor.move(to: Int.random(in: -2...40, using: &random))
            }
            #expect((0...editor.characters.count).contains(editor.cursor))
            #expect(Array(editor.text) == editor.characters)
            #expect(editor.cells == editor.characters.map(LineEditor.cells))
        }
    }

    @Test func aLongTextKeepsFewerStepsOfUndoAndNotMoreMemory() {
        var editor = LineEditor(String(repeating: "x", count: LineEditor.capacity))
        for _ in 0..<300 { editor.deleteBackward() }
        var steps = 0
        while true {
            let before = editor.characters.count
            editor.undo()
            guard editor.characters.count != before else { break }
            steps += 1
        }
        #expect((5...25).contains(steps))
    }
}
