/// Two ways to compare names: by what they say (case aside), and by how they look.
enum NameFolding {
    /// The name in lower case, the same for all spellings that differ in case only.
    static func key(_ name: String) -> String {
        // Greek has two small sigmas for one capital.
        String(String.UnicodeScalarView(name.lowercased().unicodeScalars.map { $0 == "ς" ? "σ" : $0 }))
    }

    /// What is left of a name when letters that look alike are one letter.
    static func skeleton(_ name: String) -> String {
        var skeleton = ""
        for scalar in Self.key(name).unicodeScalars {
            switch Self.lookAlikes[scalar] ?? scalar {
            // Dots and dashes are what a copied name differs in.
            case "-", ".", "_": continue
            case "m": skeleton += "rn"
            case "w": skeleton += "vv"
            case let plain: skeleton.unicodeScalars.append(plain)
            }
        }
        return skeleton
    }

    private static let lookAlikes: [Unicode.Scalar: Unicode.Scalar] = {
        var table: [Unicode.Scalar: Unicode.Scalar] = [:]
        let rows: [(Unicode.Scalar, String)] = [
            ("a", "аɑα"), ("b", "ьв"), ("c", "сϲ"), ("d", "ԁ"), ("e", "еҽєε"), ("g", "ɡց"), ("h", "һհн"),
            ("j", "јϳ"), ("k", "кκ"), ("l", "i1іιıӏɩ"), ("n", "ոη"), ("o", "0оοօσ"), ("p", "рρ"), ("q", "ԛզ"),
            ("r", "г"), ("s", "ѕꜱ5"), ("t", "тτ"), ("u", "υսʋ"), ("v", "νѵ"), ("w", "ԝω"), ("x", "хχ"), ("y", "уүγ"),
            ("z", "ᴢ2"),
        ]
        for (plain, others) in rows {
            for scalar in others.unicodeScalars { table[scalar] = plain }
        }
        return table
    }()
}
