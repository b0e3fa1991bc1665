/// Two ways to compare names: by what they say (case aside), and by how they look.
enum NameFolding {
    /// The name in lower case, the same for all spellings that differ in case only.
    static func key(_ name: String) -> String {
        // Greek has two small sigmas for one capital.
        String(String.UnicodeScalarView(name.lowercased().unicodeScalars.map { $0 == "ς" ? "σ" : $0 }))
    }

    /// What is left of a name when letters and digits that look alike are one letter, accents aside: by Unicode's table
    /// of confusables, and by what passes for a letter in ASCII.
    static func skeleton(_ name: String) -> String {
        var skeleton = ""
        for scalar in Self.key(name).unicodeScalars {
            if scalar.isASCII {
                skeleton += Self.plain(scalar)
            } else if let looks = Self.looks[scalar] {
                for scalar in looks { skeleton += Self.plain(scalar) }
            } else {
                skeleton.unicodeScalars.append(scalar)
            }
        }
        return skeleton
    }

    private static func plain(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        // Dots and dashes are what a copied name differs in.
        case "-", ".", "_": ""
        case "m": "rn"
        case "w": "vv"
        case "i", "1": "l"
        case "0": "o"
        case "2": "z"
        case "5": "s"
        default: String(scalar)
        }
    }

    /// Letters that the table keeps apart although small print does not: the lower case of capitals that are alike,
    /// and letters that differ by a stroke.
    private static let alsoAlike: [(Unicode.Scalar, String)] = [
        ("a", "α"), ("b", "ьв"), ("e", "εєɛ"), ("h", "н"), ("k", "кκ"), ("l", "ɩ"), ("m", "м"), ("n", "η"), ("q", "զ"),
        ("t", "тτ"), ("u", "υսʋ"), ("x", "χ"), ("y", "γ"),
    ]

    private static let looks: [Unicode.Scalar: [Unicode.Scalar]] = {
        var looks: [Unicode.Scalar: [Unicode.Scalar]] = [:]
        for (from, to) in NameTables.entries(of: NameTables.looks) {
            guard let scalar = Self.scalar(from) else { continue }
            looks[scalar] = to.split(separator: "+").compactMap(Self.scalar)
        }
        for (plain, others) in Self.alsoAlike {
            for scalar in others.unicodeScalars { looks[scalar] = [plain] }
        }
        return looks
    }()

    private static func scalar(_ hexadecimal: Substring) -> Unicode.Scalar? {
        UInt32(String(hexadecimal), radix: 16).flatMap(Unicode.Scalar.init)
    }
}
