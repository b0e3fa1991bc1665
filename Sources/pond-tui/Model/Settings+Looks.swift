/// Looks that the user has chosen instead of the theme's: of roles, and of the colours that names get.
extension Settings {
    /// What `theme.NAME` may name beside the roles.
    static let namesKey = "names"

    /// Sets a look by its name after `theme.`; gives back what is wrong, or `nil`.
    mutating func setLook(_ name: String, to value: String) -> String? {
        guard name == Self.namesKey || Role(rawValue: name) != nil else {
            return "theme.\(name): no such role; /theme lists them"
        }
        if value == "theme" || value.isEmpty {
            self.looks[name] = nil
            return nil
        }
        if name == Self.namesKey {
            guard Self.colours(value) != nil else {
                return "theme.names is a list of colours: 75,108,magenta,#ff8800"
            }
        } else if StyleText.style(value) == nil {
            return "\(value) is no look; say colours and attributes: magenta bold, 207 on 236, #ff8800 underline"
        }
        self.looks[name] = value
        return nil
    }

    /// The theme with what the user has chosen.
    var shownTheme: Theme {
        var theme = Theme.named(self.themeOfRun ?? self.theme) ?? .standard
        for (name, value) in self.looks {
            if name == Self.namesKey {
                if let colours = Self.colours(value) { theme.nameColours = colours }
            } else if let role = Role(rawValue: name), let style = StyleText.style(value) {
                theme[role] = style
            }
        }
        return theme
    }

    private static func colours(_ text: String) -> [Colour]? {
        let colours = text.split { $0 == "," || $0.isWhitespace }.map { StyleText.colour(String($0).lowercased()) }
        return colours.isEmpty || colours.contains(nil) ? nil : colours.compactMap(\.self)
    }
}
