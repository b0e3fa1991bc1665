/// Turns any text into clusters that cannot harm or bend a terminal.
///
/// Controls become a visible `?`, invisible and direction-changing scalars vanish, unknown ones become U+FFFD,
/// marks are capped at three. What terminals measure differently (emoji variation selectors, skin tones, joined families)
/// is reduced to what all of them draw alike. The text a person copies or that goes to a log keeps its emoji whole.
enum TextSanitiser {
    static let marksPerCluster = 3
    private static let replacement: Unicode.Scalar = "\u{FFFD}"
    private static let dottedCircle: Unicode.Scalar = "\u{25CC}"

    /// The clusters of a text; a line feed stays one glyph of no width, a tab becomes spaces.
    static func glyphs(_ text: String, style: Style = .plain) -> [Glyph] {
        var glyphs: [Glyph] = []
        glyphs.reserveCapacity(text.utf8.count)
        for character in text {
            if let ascii = character.asciiValue, ascii >= 0x20, ascii < 0x7F {
                glyphs.append(Glyph(Self.ascii[Int(ascii) - 0x20], width: 1, style: style))
            } else {
                Self.append(character, style: style, to: &glyphs)
            }
        }
        return glyphs
    }

    /// The text on one line and without anything a terminal could act upon: for plain mode, logs and titles.
    static func plain(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch Self.kind(of: scalar) {
            case .control: result.unicodeScalars.append(scalar == "\n" || scalar == "\t" ? " " : "?")
            case .invisible: if scalar.value == 0x200D { result.unicodeScalars.append(scalar) }
            case .separator: result.unicodeScalars.append(" ")
            case .visible: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// The text without controls but with its line feeds, emoji and marks: what an editor may hold and send.
    static func editable(_ text: String) -> String {
        var result = ""
        var previousWasReturn = false
        for scalar in text.unicodeScalars {
            if scalar == "\r" {
                result.unicodeScalars.append("\n")
            } else if scalar == "\n" {
                if !previousWasReturn { result.unicodeScalars.append(scalar) }
            } else if scalar == "\t" {
                result.append("    ")
            } else {
                switch Self.kind(of: scalar) {
                case .control: break
                case .invisible: if scalar.value == 0x200D { result.unicodeScalars.append(scalar) }
                case .separator: result.unicodeScalars.append(" ")
                case .visible: result.unicodeScalars.append(scalar)
                }
            }
            previousWasReturn = scalar == "\r"
        }
        return result
    }

    /// At most so many scalars of a text, for what peers send may have any length and is drawn again and again.
    static func clipped(_ text: String, to scalars: Int) -> String {
        guard text.utf8.count > scalars, text.unicodeScalars.count > scalars else { return text }
        return String(text.unicodeScalars.prefix(scalars)) + "~"
    }

    private enum Kind {
        case control
        case invisible
        case separator
        case visible
    }

    private static func kind(of scalar: Unicode.Scalar) -> Kind {
        switch scalar.value {
        case 0x00..<0x20, 0x7F..<0xA0: .control
        case 0xAD, 0x34F, 0x61C, 0x180B...0x180F, 0x200B...0x200F, 0x202A...0x202E, 0x2060...0x206F, 0xFEFF,
            0xFFF9...0xFFFB, 0xE0000...0xE0FFF:
            .invisible
        case 0x2028, 0x2029: .separator
        default: .visible
        }
    }

    private static func append(_ character: Character, style: Style, to glyphs: inout [Glyph]) {
        let scalars = character.unicodeScalars
        if scalars.first == "\n" || (scalars.first == "\r" && scalars.dropFirst().first == "\n") {
            glyphs.append(Glyph("\n", width: 0, style: style))
            return
        }
        if scalars.first == "\t" {
            glyphs.append(contentsOf: repeatElement(Glyph(" ", width: 1, style: style), count: 4))
            return
        }
        // A joined emoji family: its first member stands for all.
        let joined = scalars.contains { $0.value == 0x200D }
        let onlyFirst = joined && scalars.first.map { $0.properties.isEmojiPresentation || $0.value > 0x1F000 } == true
        var base: Unicode.Scalar?
        var marks: [Unicode.Scalar] = []
        var width = 0
        func flush() {
            guard let spacing = base else { return }
            var text = String(spacing)
            for mark in marks { text.unicodeScalars.append(mark) }
            glyphs.append(Glyph(text, width: width, style: style))
            base = nil
            marks = []
        }
        for scalar in scalars {
            if base != nil, onlyFirst { break }
            switch Self.kind(of: scalar) {
            case .control:
                flush()
                glyphs.append(Glyph("?", width: 1, style: style))
            case .invisible: continue
            case .separator:
                flush()
                glyphs.append(Glyph(" ", width: 1, style: style))
            case .visible:
                if Self.isDropped(scalar, after: base) { continue }
                switch Width.of(scalar) {
                case .some(0):
                    if base == nil {
                        base = Self.dottedCircle
                        width = 1
                    }
                    if marks.count < Self.marksPerCluster { marks.append(scalar) }
                case .some(let cells):
                    flush()
                    base = scalar
                    width = cells
                case .none:
                    flush()
                    base = Self.replacement
                    width = 1
                }
            }
        }
        flush()
    }

    /// Variation selectors, the keycap ring, and a skin tone on something that can have one.
    private static func isDropped(_ scalar: Unicode.Scalar, after base: Unicode.Scalar?) -> Bool {
        switch scalar.value {
        case 0xFE00...0xFE0F, 0x20E3: true
        case 0x1F3FB...0x1F3FF: base?.properties.isEmoji == true
        default: false
        }
    }

    private static let ascii: [String] = (0x20..<0x7F).map { String(Unicode.Scalar(UInt8($0))) }
}
