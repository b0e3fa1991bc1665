/// The looks of all roles and of names.
struct Theme: Sendable, Hashable {
    var name: String
    private var styles: [Role: Style]
    /// Colours a name may get by its hash; empty where names are not coloured.
    var nameColours: [Colour]

    /// The style of a role.
    subscript(_ role: Role) -> Style {
        get { self.styles[role] ?? .plain }
        set { self.styles[role] = newValue }
    }

    /// The style of a person's name: always the same for the same name.
    func style(ofName name: String) -> Style {
        guard !self.nameColours.isEmpty else { return Style(nil, on: nil, .bold) }
        var hash: UInt32 = 2_166_136_261
        for byte in name.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        return Style(self.nameColours[Int(hash % UInt32(self.nameColours.count))])
    }

    /// The themes that come with the program.
    static let all: [Theme] = [.standard, .light, .mono]

    /// The theme of a name.
    static func named(_ name: String) -> Theme? { Self.all.first { $0.name == name } }

    /// Colours for dark backgrounds that still read on light ones.
    static let standard = Theme(
        name: "standard",
        styles: Self.coloured(accent: .cyan, own: Colour(index: 6), quiet: Colour(index: 245)),
        nameColours: [75, 108, 109, 110, 114, 139, 140, 173, 179, 180].map(Colour.init(index:))
    )

    /// Darker colours for light backgrounds.
    static let light = Theme(
        name: "light",
        styles: Self.coloured(accent: .blue, own: .blue, quiet: Colour(index: 242)),
        nameColours: [25, 28, 54, 90, 94, 130, 31].map(Colour.init(index:))
    )

    /// No colour at all: attributes only.
    static let mono = Theme(name: "mono", styles: Self.attributesOnly, nameColours: [])

    private static let attributesOnly: [Role: Style] = [
        .bar: Style(nil, on: nil, .reverse),
        .barStrong: Style(nil, on: nil, [.reverse, .bold]),
        .good: Style(nil, on: nil, .bold),
        .waiting: Style(nil, on: nil, .bold),
        .bad: Style(nil, on: nil, [.bold, .reverse]),
        .heading: Style(nil, on: nil, .bold),
        .frame: Style(nil, on: nil, .dim),
        .time: Style(nil, on: nil, .dim),
        .mark: Style(nil, on: nil, .bold),
        .ownName: Style(nil, on: nil, .bold),
        .queued: Style(nil, on: nil, .dim),
        .notice: Style(nil, on: nil, .dim),
        .mention: Style(nil, on: nil, .bold),
        .link: Style(nil, on: nil, .underline),
        .dayLine: Style(nil, on: nil, .dim),
        .unreadLine: Style(nil, on: nil, .bold),
        .unread: Style(nil, on: nil, .bold),
        .current: Style(nil, on: nil, .bold),
        .away: Style(nil, on: nil, .dim),
        .stale: Style(nil, on: nil, .dim),
        .prompt: Style(nil, on: nil, .bold),
        .popup: Style(nil, on: nil, .reverse),
        .popupSelected: Style(nil, on: nil, .bold),
        .searchHit: Style(nil, on: nil, .reverse),
        .quote: Style(nil, on: nil, .dim),
    ]

    private static func coloured(accent: Colour, own: Colour, quiet: Colour) -> [Role: Style] {
        var styles = Self.attributesOnly
        styles[.good] = Style(.green, on: nil, .bold)
        styles[.waiting] = Style(.yellow, on: nil, .bold)
        styles[.bad] = Style(.red, on: nil, [.bold, .reverse])
        styles[.heading] = Style(accent, on: nil, .bold)
        styles[.frame] = Style(quiet)
        styles[.time] = Style(quiet)
        styles[.mark] = Style(.yellow, on: nil, .bold)
        styles[.ownName] = Style(own, on: nil, .bold)
        styles[.queued] = Style(quiet)
        styles[.notice] = Style(quiet)
        styles[.mention] = Style(.magenta, on: nil, .bold)
        styles[.link] = Style(accent, on: nil, .underline)
        styles[.dayLine] = Style(quiet)
        styles[.unreadLine] = Style(.magenta, on: nil, .bold)
        styles[.unread] = Style(.yellow, on: nil, .bold)
        styles[.current] = Style(accent, on: nil, .bold)
        styles[.away] = Style(quiet)
        styles[.stale] = Style(quiet)
        styles[.prompt] = Style(accent, on: nil, .bold)
        styles[.quote] = Style(quiet)
        return styles
    }
}

/// What a piece of the screen is for; a theme says how that looks.
enum Role: String, CaseIterable, Sendable {
    case text
    case bar
    case barStrong
    case good
    case waiting
    case bad
    case heading
    case frame
    case time
    case mark
    case ownName
    case ownText
    case queued
    case notice
    case mention
    case link
    case dayLine
    case unreadLine
    case unread
    case current
    case away
    case stale
    case prompt
    case popup
    case popupSelected
    case searchHit
    case quote
}
