/// Takes from a text what could harm a terminal, a log or a reader, and leaves the rest as it was.
enum TextCleaner {
    /// The combining marks that one character may carry; more is a text that runs over its neighbours.
    private static let marksPerCharacter = 6

    static func clean(_ text: String, keepingLines: Bool) -> String {
        // Whole-ASCII text without controls is the common case and stays as it is.
        var scalars = String.UnicodeScalarView()
        var marks = 0
        var previousWasReturn = false
        for scalar in text.unicodeScalars {
            defer { previousWasReturn = scalar == "\r" }
            switch Self.treatment(of: scalar) {
            case .keep:
                marks = 0
                scalars.append(scalar)
            case .mark:
                marks += 1
                if marks <= Self.marksPerCharacter { scalars.append(scalar) }
            case .newline:
                if scalar == "\n", previousWasReturn { continue }
                marks = 0
                scalars.append(keepingLines ? "\n" : " ")
            case .space:
                marks = 0
                scalars.append(" ")
            case .replace:
                marks = 0
                scalars.append("\u{FFFD}")
            case .drop: continue
            }
        }
        return Self.trimmed(scalars)
    }

    private enum Treatment {
        case keep
        case mark
        case newline
        case space
        case replace
        case drop
    }

    private static func treatment(of scalar: Unicode.Scalar) -> Treatment {
        switch scalar.value {
        case 0x20...0x7E: return .keep
        case 0x0A, 0x0D, 0x2028, 0x2029: return .newline
        case 0x09: return .space
        case 0...0x1F, 0x7F...0x9F: return .replace
        // Embeddings, overrides and isolates turn a line around, and what follows it.
        case 0x202A...0x202E, 0x2066...0x2069: return .replace
        // Marks of direction, soft hyphen, zero-width space, word joiner, invisible operators, byte order mark,
        // fillers and tags: nobody sees them, so they only serve to make two texts look the same.
        case 0xAD, 0x61C, 0x180E, 0x200B, 0x200E, 0x200F, 0x2060...0x2065, 0x206A...0x206F, 0xFEFF, 0xFFF0...0xFFFB,
            0x115F, 0x1160, 0x3164, 0xFFA0, 0x1D173...0x1D17A, 0xE0000...0xE0FFF:
            return .drop
        case 0xFFFE, 0xFFFF, 0xFDD0...0xFDEF: return .replace
        default: break
        }
        guard scalar.value & 0xFFFE != 0xFFFE else { return .replace }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark: return .mark
        case .format where scalar.value != 0x200C && scalar.value != 0x200D: return .drop
        default: return .keep
        }
    }

    /// Whether there is anything to see in a cleaned text.
    static func isVisible(_ text: String) -> Bool {
        text.unicodeScalars.contains { scalar in
            // The blank pattern of braille is no space to Unicode.
            !scalar.properties.isWhitespace && !scalar.properties.isDefaultIgnorableCodePoint && scalar != "\u{2800}"
        }
    }

    private static func trimmed(_ scalars: String.UnicodeScalarView) -> String {
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        return String(scalars[first...last])
    }
}
