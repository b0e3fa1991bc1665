import Testing

@testable import pond_tui

@Suite struct ThemeTests {
    @Test(arguments: [
        ("magenta bold", Style(.magenta, on: nil, .bold)),
        ("207 on 236", Style(Colour(index: 207), on: Colour(index: 236))),
        ("default", Style.plain), ("on red", Style(nil, on: .red)),
        ("#ff8800 underline", Style(Colour(index: 208), on: nil, .underline)),
        ("gray dim reverse", Style(.grey, on: nil, [.dim, .reverse])), ("BLUE", Style(.blue)),
    ]) func aLookIsReadAndWritten(_ text: String, _ style: Style) {
        #expect(StyleText.style(text) == style)
        #expect(StyleText.style(StyleText.words(style)) == style)
    }

    @Test(arguments: ["", "on", "mauve", "256", "-1", "#12345", "#zzzzzz", "red on", "bold on on red"])
    func whatIsNoLookIsRefused(_ text: String) { #expect(StyleText.style(text) == nil) }

    @Test func everyPieceCanHaveItsOwnLookAndGoBackToTheThemes() {
        for role in Role.allCases {
            var model = Fixture.joined()
            _ = Update.apply(.line("/theme \(role.rawValue) 207 on 236 underline"), to: &model, at: model.now)
            #expect(model.theme[role] == Style(Colour(index: 207), on: Colour(index: 236), .underline), "\(role)")
            #expect(SettingsFile.settings(SettingsFile.text(model.settings)).settings == model.settings)
            _ = Update.apply(.line("/theme \(role.rawValue) theme"), to: &model, at: model.now)
            #expect(model.theme == .standard)
        }
    }

    @Test func namesGetTheColoursOneGives() {
        var model = Fixture.joined()
        _ = Update.apply(.line("/theme names red"), to: &model, at: model.now)
        for name in ["alice", "bob", "漢"] { #expect(model.theme.style(ofName: name) == Style(.red)) }
        _ = Update.apply(.line("/theme names red,mauve"), to: &model, at: model.now)
        #expect(model.theme.style(ofName: "bob") == Style(.red))
        #expect(model.hint?.contains("list of colours") == true)
    }

    @Test func whatMakesNoSenseIsTold() {
        var model = Fixture.joined()
        _ = Update.apply(.line("/theme frobs red"), to: &model, at: model.now)
        #expect(model.hint?.contains("no such role") == true)
        _ = Update.apply(.line("/theme mention mauve"), to: &model, at: model.now)
        #expect(model.hint?.contains("is no look") == true)
        _ = Update.apply(.line("/theme nope"), to: &model, at: model.now)
        #expect(model.hint?.contains("theme is one of") == true)
        _ = Update.apply(.line("/theme light"), to: &model, at: model.now)
        #expect(model.theme.name == "light")
    }
}
