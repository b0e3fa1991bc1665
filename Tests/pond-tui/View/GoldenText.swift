import Foundation
import Testing

@testable import pond_tui

/// A screen as text that can be kept in a file and compared: its rows, and a letter for the style of each cell.
enum GoldenText {
    static func describe(_ grid: Grid) -> String {
        var lines = (0..<grid.size.rows).map { row in grid.row(row).map(\.text).joined() + "|" }
        if let cursor = grid.cursor { lines.append("cursor \(cursor.column),\(cursor.row)") }
        var letters: [Style: Character] = [.plain: "."]
        var legend: [String] = []
        let alphabet = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
        var rows: [String] = []
        for row in 0..<grid.size.rows {
            rows.append(
                String(
                    grid.row(row).map { cell -> Character in
                        if let letter = letters[cell.style] { return letter }
                        let letter = alphabet[min(legend.count, alphabet.count - 1)]
                        letters[cell.style] = letter
                        legend.append("\(letter) \(Self.words(cell.style))")
                        return letter
                    }
                )
            )
        }
        return (lines + rows + legend).joined(separator: "\n") + "\n"
    }

    private static func words(_ style: Style) -> String {
        var words: [String] = []
        if let colour = style.foreground { words.append("colour \(colour.index)") }
        if let colour = style.background { words.append("on \(colour.index)") }
        if style.attributes.contains(.bold) { words.append("bold") }
        if style.attributes.contains(.dim) { words.append("dim") }
        if style.attributes.contains(.reverse) { words.append("reverse") }
        if style.attributes.contains(.underline) { words.append("underline") }
        return words.joined(separator: " ")
    }

    /// Compares with the kept file; with `POND_GOLDEN=write` in the environment the file is written instead.
    static func check(_ grid: Grid, _ name: String) throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "golden")
        let file = folder.appending(path: name + ".txt")
        let text = Self.describe(grid)
        if ProcessInfo.processInfo.environment["POND_GOLDEN"] == "write" {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try text.write(to: file, atomically: true, encoding: .utf8)
            return
        }
        let kept = try String(contentsOf: file, encoding: .utf8)
        #expect(text == kept, "\(name) has changed; see the screen:\n\(text)")
    }
}
