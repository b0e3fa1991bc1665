/// Which texts may be names of users and rooms: letters, digits, `_`, `-` and `.`, of one script, nothing invisible.
enum NameRules {
    /// What is wrong with a name, or `nil` when it may be one.
    static func fault(in name: String, what: String, limit: Int) -> String? {
        let scalars = name.unicodeScalars
        guard let first = scalars.first, let last = scalars.last else { return "\(what) is empty" }
        // Four scalars a character is more than any written language needs.
        guard name.count <= limit, scalars.count <= 4 * limit else {
            return "\(what) is longer than \(limit) characters"
        }
        guard Self.isLetterOrDigit(first) || first == "_" else {
            return "\(what) must begin with a letter, a digit or _"
        }
        guard last != "." else { return "\(what) must not end with a dot" }
        var scripts: Set<Script> = []
        for scalar in scalars {
            guard Self.isAllowed(scalar) else {
                return "\(what) may hold letters, digits, _, - and . only, not \(Self.description(of: scalar))"
            }
            if let script = Script(of: scalar) { scripts.insert(script) }
        }
        guard scripts.count <= 1 else { return "\(what) mixes alphabets that look alike" }
        return nil
    }

    static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        Self.isLetterOrDigit(scalar) || scalar == "_" || scalar == "-" || scalar == "." || Self.isOwnScriptMark(scalar)
    }

    private static func isLetterOrDigit(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII {
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9": return true
            default: return false
            }
        }
        guard !Self.isCompatibilityForm(scalar) else { return false }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .otherLetter, .modifierLetter, .decimalNumber:
            return !scalar.properties.isDefaultIgnorableCodePoint
        default: return false
        }
    }

    /// Vowel signs and the like of scripts that are written with them. The general diacritics are left out:
    /// whoever writes é with them has it as one letter too, and a name must have one spelling.
    private static func isOwnScriptMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0...0x036F, 0x1AB0...0x1AFF, 0x1DC0...0x1DFF, 0x20D0...0x20FF, 0xFE00...0xFE2F, 0xE0000...0xE0FFF:
            return false
        default: break
        }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark: return !scalar.properties.isDefaultIgnorableCodePoint
        default: return false
        }
    }

    /// Letters in disguise: mathematical, enclosed, full-width, presentation forms; and alphabets, hardly in use, whose
    /// letters are those of Latin in another place: clicks, phonetics, Lisu, Coptic, Old Italic to Gothic, Deseret.
    private static func isCompatibilityForm(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0xAA, 0xB5, 0xBA, 0x2100...0x214F, 0x3200...0x33FF, 0xF900...0xFAFF, 0xFB00...0xFDFF, 0xFE70...0xFEFF,
            0xFF00...0xFFEF,
            0x1D400...0x1D7FF, 0x1EE00...0x1EEFF, 0x1F100...0x1F2FF, 0x2F800...0x2FA1F, 0x02B0...0x02FF,
            0x1C0...0x1C3, 0x1D00...0x1DBF, 0x2C60...0x2CFF, 0xA4D0...0xA4FF, 0xA720...0xA7FF, 0xAB30...0xAB6F,
            0x10280...0x1034F, 0x10400...0x1044F, 0x118A0...0x118FF:
            true
        default: false
        }
    }

    private static func description(of scalar: Unicode.Scalar) -> String {
        scalar == " " ? "spaces" : "U+" + String(scalar.value, radix: 16, uppercase: true)
    }

    /// The alphabets whose letters pass for each other's.
    private enum Script {
        case latin
        case greek
        case cyrillic
        case armenian
        case cherokee
        case canadian

        init?(of scalar: Unicode.Scalar) {
            switch scalar.value {
            case 0x41...0x5A, 0x61...0x7A, 0xC0...0x2AF, 0x1E00...0x1EFF: self = .latin
            case 0x370...0x3FF, 0x1F00...0x1FFF: self = .greek
            case 0x400...0x52F, 0x1C80...0x1C8F, 0x2DE0...0x2DFF, 0xA640...0xA69F: self = .cyrillic
            case 0x530...0x58F: self = .armenian
            case 0x13A0...0x13FF, 0xAB70...0xABBF: self = .cherokee
            case 0x1400...0x167F, 0x18B0...0x18FF: self = .canadian
            default: return nil
            }
        }
    }
}
