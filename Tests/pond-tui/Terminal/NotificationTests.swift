import Testing

@testable import pond_tui

@Suite struct NotificationTests {
    private static let hostile = [
        "\u{1B}]52;c;aGk=\u{7}", "a;b;c", "x\u{9C}y\u{7}z", "\u{1B}\\", "a\nb\u{202E}", "\u{9D}9;x",
    ]

    @Test(arguments: NotificationKind.allCases) func whatPeersWriteEndsNoSequence(_ kind: NotificationKind) {
        for text in Self.hostile {
            let sequence = NotificationSequence.text(kind, title: text, body: text)
            var rest = sequence
            for frame in [
                "\u{1B}]9;", "\u{1B}]777;notify;", "\u{1B}]99;i=pond:d=0:e=1;", "\u{1B}]99;i=pond:d=1:p=body:e=1;",
                "\u{1B}\\",
            ] {
                if let range = rest.firstRange(of: frame) { rest.removeSubrange(range) }
            }
            if kind == .kitty, let range = rest.firstRange(of: "\u{1B}\\") { rest.removeSubrange(range) }
            if kind == .line || kind == .titled { #expect(rest.removeLast() == "\u{7}") }
            #expect(
                rest.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F..<0xA0).contains($0.value) },
                "\(kind) \(text.debugDescription)"
            )
            if kind == .titled { #expect(rest.count { $0 == ";" } == 1) }
        }
        let long = String(repeating: "x", count: 1_000_000)
        #expect(NotificationSequence.text(kind, title: long, body: long).utf8.count < 1_000)
    }

    @Test func nothingIsToldUnlessAskedForAndOutOfSight() {
        func told(_ setting: String, focus: Bool) -> Bool {
            var model = Fixture.joined()
            _ = Update.apply(.line("/set notify \(setting)"), to: &model, at: model.now)
            _ = Update.apply(.focus(focus), to: &model, at: model.now)
            let message = Fixture.message("bob", "alice: come", at: model.now)
            let effects = Update.apply(.session(.message(room: "general", message)), to: &model, at: model.now)
            return effects.contains { if case .notify = $0 { true } else { false } }
        }
        #expect(Settings().notifications == .off)
        #expect(!told("off", focus: false))
        for kind in ["on", "9", "777", "99"] {
            #expect(told(kind, focus: false))
            #expect(!told(kind, focus: true))
        }
    }
}
