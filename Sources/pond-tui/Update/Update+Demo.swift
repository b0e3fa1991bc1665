/// The keys of a demonstration, as long as nothing is being written.
extension Update {
    /// Gives back whether the key was one of them.
    mutating func pressInDemo(_ key: Key) -> Bool {
        guard self.model.caption != nil, self.model.editor.isEmpty, key.modifiers.isEmpty,
            case .character(let character) = key.code
        else { return false }
        switch character {
        case " ": self.request(.demo(.pause))
        case "n": self.request(.demo(.next))
        case "p": self.request(.demo(.previous))
        case "q": self.quit(force: true)
        default: return false
        }
        return true
    }
}
