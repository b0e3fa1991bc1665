/// Finds whom a text speaks to: `@name`, not inside a word.
public enum Mentions {
    /// The users named in a text, in order, each once, at most `limits.mentions`.
    public static func found(in text: String, limits: ChatLimits = .default) -> [UserName] {
        var found: [UserName] = []
        var rest = text.unicodeScalars[...]
        var before: Unicode.Scalar = " "
        while let scalar = rest.popFirst(), found.count < limits.mentions {
            defer { before = scalar }
            guard scalar == "@", !NameRules.isAllowed(before) || before == "-" || before == "." else { continue }
            var word = rest.prefix { NameRules.isAllowed($0) }
            // "thanks @bob." ends a sentence, not a name.
            while let last = word.last, last == "." || last == "-" { word = word.dropLast() }
            guard let name = try? UserName(String(word), limits: limits), !found.contains(name) else { continue }
            found.append(name)
        }
        return found
    }
}
