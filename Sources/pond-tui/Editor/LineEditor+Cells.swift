extension LineEditor {
    /// What stands for a line feed among the cells.
    static let newline: UInt8 = .max

    /// The cells that each character takes on the screen, so that nothing has to be measured twice.
    static func cells(of character: Character) -> UInt8 {
        if let ascii = character.asciiValue, ascii >= 0x20, ascii < 0x7F { return 1 }
        if character == "\n" { return Self.newline }
        return UInt8(min(TextSanitiser.glyphs(String(character)).columns, 200))
    }

    /// Whether nothing ever joins this character with another one like it.
    static func isPlain(_ character: Character) -> Bool {
        guard let scalar = character.unicodeScalars.first, character.unicodeScalars.count == 1 else { return false }
        return switch scalar.value {
        case 0x20..<0x7F, 0xA1..<0xAD, 0xAE..<0x300, 0x370..<0x483, 0x48A..<0x590, 0x3041..<0x3097, 0x30A1..<0x30FB,
            0x4E00..<0xA000:
            true
        default: false
        }
    }
}
