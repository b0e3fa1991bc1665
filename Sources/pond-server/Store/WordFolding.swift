/// Words as the index has them: letters and digits in lower case, without diacritics.
enum WordFolding {
    /// Makes the table of letters, which takes a moment, before it is needed.
    static func prepare() { _ = Self.plain.count }

    /// The words of a text, folded.
    static func words(in text: String) -> [String] {
        var words: [String] = []
        var word = ""
        for character in text.lowercased() {
            let scalars = character.unicodeScalars
            guard let first = scalars.first, Self.isOfWords(first) else {
                if !word.isEmpty { words.append(word) }
                word = ""
                continue
            }
            if scalars.count == 1, first.isASCII {
                word.append(character)
            } else if let plain = Self.plain[character] {
                word.append(plain)
            } else {
                word.unicodeScalars.append(contentsOf: scalars.filter { !Self.isMark($0) })
            }
        }
        if !word.isEmpty { words.append(word) }
        return words
    }

    private static func isOfWords(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
            .letterNumber, .otherNumber, .privateUse:
            true
        default: false
        }
    }

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .nonspacingMark
    }

    /// Letters with diacritics, whichever way they are written, and what they are without.
    private static let plain: [Character: Character] = {
        var plain: [Character: Character] = [:]
        let marks = (0x300...0x36F).compactMap(Unicode.Scalar.init)
        let outer = [0x300, 0x301, 0x303, 0x309, 0x323].compactMap(Unicode.Scalar.init)
        for base in "abcdefghijklmnopqrstuvwxyzαβγδεζηθικλμνξοπρσςτυφχψωабвгдежзийклмнопрстуфхцчшщъыьэюя" {
            for mark in marks {
                let one = String(base) + String(mark)
                if one.count == 1 { plain[Character(one)] = base }
                guard base.isASCII, [0x302, 0x306, 0x31B].contains(mark.value) else { continue }
                for other in outer where (one + String(other)).count == 1 {
                    plain[Character(one + String(other))] = base
                }
            }
        }
        return plain
    }()
}
