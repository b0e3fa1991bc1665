/// A key as the terminal reports it, with its modifiers.
struct Key: Hashable, Sendable {
    var code: Code
    var modifiers: Modifiers = []

    /// What is on the key.
    enum Code: Hashable, Sendable {
        case character(Character)
        case enter
        case tab
        case backspace
        case delete
        case insert
        case escape
        case up
        case down
        case left
        case right
        case home
        case end
        case pageUp
        case pageDown
        case function(Int)
    }

    /// What was held with it.
    struct Modifiers: OptionSet, Hashable, Sendable {
        let rawValue: UInt8
        static let control = Modifiers(rawValue: 1)
        static let alt = Modifiers(rawValue: 2)
        static let shift = Modifiers(rawValue: 4)
    }

    init(_ code: Code, _ modifiers: Modifiers = []) {
        self.code = code
        self.modifiers = modifiers
    }

    /// A key by its name: `a`, `C-a`, `M-Enter`, `S-Tab`, `F6`, `C-Left`.
    init?(_ name: String) {
        var rest = Substring(name)
        var modifiers: Modifiers = []
        while rest.count > 2, rest.dropFirst().first == "-" {
            switch rest.first {
            case "C": modifiers.insert(.control)
            case "M": modifiers.insert(.alt)
            case "S": modifiers.insert(.shift)
            default: return nil
            }
            rest = rest.dropFirst(2)
        }
        if rest.count == 1, let character = rest.first {
            self.init(.character(character), modifiers)
        } else if let code = Self.named[String(rest)] {
            self.init(code, modifiers)
        } else if rest.first == "F", let number = Int(rest.dropFirst()), (1...24).contains(number) {
            self.init(.function(number), modifiers)
        } else {
            return nil
        }
    }

    /// The name that `init(_:)` takes.
    var name: String {
        var name = ""
        if self.modifiers.contains(.control) { name += "C-" }
        if self.modifiers.contains(.alt) { name += "M-" }
        if self.modifiers.contains(.shift) { name += "S-" }
        switch self.code {
        case .character(let character): return name + (character == " " ? "Space" : String(character))
        case .function(let number): return name + "F\(number)"
        default: return name + (Self.named.first { $0.value == self.code }?.key ?? "?")
        }
    }

    private static let named: [String: Code] = [
        "Enter": .enter, "Tab": .tab, "Backspace": .backspace, "Delete": .delete, "Insert": .insert, "Esc": .escape,
        "Up": .up, "Down": .down, "Left": .left, "Right": .right, "Home": .home, "End": .end, "PgUp": .pageUp,
        "PgDn": .pageDown, "Space": .character(" "),
    ]
}
