import Testing

@testable import pond_tui

@Suite struct InputLineTests {
    @Test func linesMeanWhatIrssiUsersExpect() {
        let cases: [(String, InputLine)] = [
            ("", .empty), ("   ", .empty), ("hello", .text("hello")), ("//x", .text("/x")),
            ("/join #dev hi all", .command(.join, argument: "#dev hi all")),
            ("/JOIN #dev", .command(.join, argument: "#dev")),
            ("/j #dev", .command(.join, argument: "#dev")), ("/q", .ambiguous("q", ["queue", "quit"])),
            ("/qui  bye ", .command(.quit, argument: "bye")), ("/jion #dev", .unknown("jion", suggestion: "join")),
            ("/xyzzy", .unknown("xyzzy", suggestion: nil)),
            ("/m", .ambiguous("m", ["msg", "me", "move", "mute", "mark"])),
            ("/me waves", .command(.me, argument: "waves")),
        ]
        for (line, meaning) in cases { #expect(InputLine(line) == meaning, "\(line)") }
    }

    @Test func everyCommandIsReachedByItsNameAndDescribed() {
        for command in Command.allCases {
            #expect(InputLine("/\(command.rawValue) x") == .command(command, argument: "x"))
            #expect(!command.usage.summary.isEmpty)
        }
    }

    @Test func linksAreFoundWithoutTheirPunctuation() {
        #expect(
            NumberedLink.find(in: "see https://a.example/x, (http://b.example) and ws://c.") == [
                "https://a.example/x", "http://b.example", "ws://c",
            ]
        )
        #expect(NumberedLink.find(in: "https:// and a:b").isEmpty)
        #expect(NumberedLink.find(in: "https://en.example/wiki/A_(b)") == ["https://en.example/wiki/A_(b)"])
    }
}
