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

    @Test func pathsAreTextAndSlipsAreNot() {
        for text in ["/tmp/x", "/etc/passwd is readable", "/.config", "/100", "/usr/bin/env", "/*", "/tmp/"] {
            #expect(InputLine(text) == .text(text))
        }
        // What follows may be meant for one person, or be a password.
        for slip in ["/msg/bob hi", "/identify/secret", "/j/dev", "/msgbob secret", "/msg@bob secret", "/"] {
            if case .text = InputLine(slip) { Issue.record("\(slip) would be said aloud") }
        }
        #expect(InputLine("//msg/bob") == .text("/msg/bob"))
        #expect(InputLine("/bogus").fault?.contains("no command /bogus") == true)
        #expect(InputLine("/join").fault == "usage: /join #room [text]")
        #expect(InputLine("/me waves").fault == nil)
    }

    @Test func commonNamesOfEmojiComplete() {
        for (name, emoji) in [
            ("heart", "\u{2764}"), ("+1", "👍"), ("-1", "👎"), ("100", "💯"), ("tada", "🎉"), ("heart:", "\u{2764}"),
            ("+1:", "👍"), ("100:", "💯"), ("white_check_mark", "✅"), ("x", "❌"),
        ] { #expect(EmojiNames.matching(name).first?.emoji == emoji, "\(name)") }
        #expect(EmojiNames.matching("heart:").count == 1)
        #expect(EmojiNames.matching("hear").count > 2)
        // One character of a width that every terminal agrees upon.
        for (name, emoji) in EmojiNames.matching("") {
            #expect(emoji.unicodeScalars.count == 1, "\(name)")
            #expect(emoji.unicodeScalars.first.flatMap(Width.of) ?? 0 > 0, "\(name)")
        }
        #expect(Set(EmojiNames.matching("").map(\.name)).count == EmojiNames.matching("").count)
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

/// A long text as messages that a server takes.
@Suite struct MessagePartsTests {
    @Test func partsHoldWhatAServerTakesAndLoseNothing() {
        let texts = [
            String(repeating: "a\n", count: 1_000), String(repeating: "x", count: 5_000),
            (0..<300).map { "line \($0)" }.joined(separator: "\n"), String(repeating: "👨‍👩‍👧‍👦", count: 1_500),
            "short", String(repeating: "word ", count: 700) + "\n" + String(repeating: "漢", count: 2_001),
        ]
        for text in texts {
            let parts = Update.parts(of: text)
            for part in parts { #expect(Update.fault(inMessage: part) == nil) }
            let letters = text.filter { !$0.isWhitespace }
            #expect(parts.joined().filter { !$0.isWhitespace } == letters)
        }
        #expect(Update.parts(of: "\n \n").isEmpty)
        #expect(Update.parts(of: "one\ntwo") == ["one\ntwo"])
    }

    @Test func whatIsTooMuchForOneMessageIsSaid() {
        #expect(
            Update.fault(inMessage: String(repeating: "x", count: 2_001))
                == "2001 characters; a message has at most 2000"
        )
        #expect(Update.fault(inMessage: String(repeating: "\n", count: 100)) == "101 lines; a message has at most 100")
        #expect(Update.fault(inMessage: "fine") == nil)
    }
}

/// What people who come from elsewhere type.
@Suite struct NewcomerTests {
    @Test func namesOfCommandsThatIRCHasWorkToo() {
        for (line, command, argument) in [
            ("/part #x", Command.leave, "#x"), ("/list", .rooms, ""), ("/names", .who, ""), ("/query bob", .msg, "bob"),
            ("/win 3", .switch, "3"), ("/lastlog word", .search, "word"), ("/exit", .quit, ""), ("/j #x", .join, "#x"),
        ] {
            #expect(InputLine(line) == .command(command, argument: argument), "\(line)")
        }
        for alias in Command.aliases.keys {
            #expect(Command(rawValue: alias) == nil, "/\(alias) is a command already")
        }
    }

    @Test func aConversationIsOpenedWithoutAWord() {
        var model = Fixture.joined()
        _ = Update.apply(.line("/query bob"), to: &model, at: model.now)
        #expect(model.currentName == "@bob")
        #expect(model.outbox.entries.isEmpty)
        _ = Update.apply(.line("/msg alice hello me"), to: &model, at: model.now)
        #expect(model.index(of: "@alice") == nil)
    }

    @Test func theServersAddressMayStandAlone() throws {
        #expect(try CommandLineOptions(["ws://chat:1/socket", "--nick", "bob"]).url == "ws://chat:1/socket")
        #expect(try CommandLineOptions(["--nick=bob", "wss://chat/socket"]).url == "wss://chat/socket")
        #expect(try CommandLineOptions(["chat:1"]).url == "ws://chat:1/socket")
    }
}
