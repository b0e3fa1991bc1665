/// Settings and keys as files of `name = value` lines; `#` begins a comment.
enum SettingsFile {
    /// The settings of a text; lines that make no sense are told.
    static func settings(_ text: String) -> (settings: Settings, problems: [String]) {
        var settings = Settings()
        var problems: [String] = []
        for (number, name, value) in Self.pairs(text) {
            if let problem = settings.set(name, to: value) { problems.append("line \(number): \(problem)") }
        }
        return (settings, problems)
    }

    /// The standard keys with the changes of a text: `M-a = room-next`.
    static func keyMap(_ text: String) -> (keyMap: KeyMap, problems: [String]) {
        var keyMap = KeyMap.standard
        var problems: [String] = []
        for (number, name, value) in Self.pairs(text) {
            if let problem = keyMap.bind(name, to: value) { problems.append("line \(number): \(problem)") }
        }
        return (keyMap, problems)
    }

    /// The text that `settings` reads.
    static func text(_ settings: Settings) -> String {
        "# pond-tui settings; /set changes them\n"
            + settings.values.map { "\($0.name) = \($0.value)\n" }.joined()
    }

    private static func pairs(_ text: String) -> [(number: Int, name: String, value: String)] {
        text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap { index, line in
            guard line.first(where: { !$0.isWhitespace }) != "#",
                let equals = line.dropFirst().firstIndex(of: "=")
            else { return nil }
            // `M-= = presence-noise`: the key itself may be the sign.
            var split = equals
            if line[line.index(after: equals)...].hasPrefix(" =") { split = line.index(equals, offsetBy: 2) }
            let name = Self.trimmed(line[..<split])
            let value = Self.trimmed(line[line.index(after: split)...])
            return name.isEmpty ? nil : (index + 1, name, value)
        }
    }

    private static func trimmed(_ text: Substring) -> String {
        var rest = text
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}
