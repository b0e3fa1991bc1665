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
        // What ASCII is made of needs no look into the tables.
        guard !scalars.allSatisfy({ $0.isASCII }) else {
            return scalars.first { !Self.isAllowed($0) }.map { Self.fault(of: $0, what: what) }
        }
        var scripts: Set<String> = []
        var zeros: Set<UInt32> = []
        for scalar in scalars {
            guard Self.isAllowed(scalar) else { return Self.fault(of: scalar, what: what) }
            if let script = NameScripts.script(of: scalar) { scripts.insert(script) }
            if let digit = Self.digit(scalar) { zeros.insert(scalar.value - digit) }
        }
        guard NameScripts.mayMix(scripts) else { return "\(what) mixes alphabets" }
        let ownDigits = zeros.subtracting([Self.asciiZero])
        guard zeros.count <= 1, ownDigits.isEmpty || !scripts.contains("Latn") else { return "\(what) mixes digits" }
        return nil
    }

    private static let asciiZero = UInt32(UInt8(ascii: "0"))

    /// The value of a decimal digit of any script.
    private static func digit(_ scalar: Unicode.Scalar) -> UInt32? {
        guard scalar.properties.generalCategory == .decimalNumber, let value = scalar.properties.numericValue,
            let digit = UInt32(exactly: value), digit <= scalar.value
        else { return nil }
        return digit
    }

    private static func fault(of scalar: Unicode.Scalar, what: String) -> String {
        "\(what) may hold letters, digits, _, - and . only, not \(Self.description(of: scalar))"
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
    /// Of the phonetic letters, those that African and other alphabets use are letters.
    private static func isCompatibilityForm(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x253, 0x254, 0x256, 0x257, 0x259, 0x25B, 0x263, 0x268, 0x269, 0x272, 0x289, 0x28B, 0x292: false
        case 0xAA, 0xB5, 0xBA, 0x2100...0x214F, 0x3200...0x33FF, 0xF900...0xFAFF, 0xFB00...0xFDFF, 0xFE70...0xFEFF,
            0xFF00...0xFFEF,
            0x1D400...0x1D7FF, 0x1EE00...0x1EEFF, 0x1F100...0x1F2FF, 0x2F800...0x2FA1F, 0x0250...0x02FF,
            0x1C0...0x1C3, 0x1D00...0x1DBF, 0x2C60...0x2CFF, 0xA4D0...0xA4FF, 0xA720...0xA7FF, 0xAB30...0xAB6F,
            0x10280...0x1034F, 0x10400...0x1044F, 0x118A0...0x118FF:
            true
        default: false
        }
    }

    private static func description(of scalar: Unicode.Scalar) -> String {
        scalar == " " ? "spaces" : "U+" + String(scalar.value, radix: 16, uppercase: true)
    }
}
