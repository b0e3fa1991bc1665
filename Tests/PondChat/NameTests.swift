import PondKit
import Testing

@testable import PondChat

@Suite struct NameTests {
    @Test(
        "A name of letters, digits, dots and dashes of one alphabet is taken",
        arguments: [
            "alice", "Bob_2", "jürgen", "Ольга", "Ольга2", "東京tower", "मोहन१", "ɔkɔtɔ", "ελενη", "田中", "मोहन", "สมชาย",
            "a", "_x", "r2-d2.bot",
        ]
    )
    func goodNames(_ text: String) throws {
        #expect(try UserName(text).text == text)
        #expect(try RoomName(text).text == text.lowercased())
    }

    @Test(
        "A name that is empty, too long, invisible, mixed or decorated is refused",
        arguments: [
            "", " ", "a b", ".a", "-a", "a.", "a~b", "a/b", "a%20b", "a@b", "a\u{202E}b", "a\u{200B}b", "a\nb",
            "a\u{1B}",
            "аlice", "αlpha-a", "e\u{301}ric", "\u{1D400}lice", "ａlice", "a\u{FE0F}", "😀", "ﬁ", "a\u{E0061}", "ª",
            "\u{1D18}aypal", "a\u{29F}ice", "alic\u{1971}", "ann\u{967}", "bob١", "١٢3", "мax", "abcд", "\u{A4D1}aypal",
            "payp\u{A781}", "paypa\u{1C0}", "\u{146D}aypal", "\u{10404}ne",
            String(repeating: "x", count: 33), "a" + String(repeating: "\u{0951}", count: 500), "a?b", "a#b", "②",
        ]
    )
    func badNames(_ text: String) {
        #expect(throws: PondError.self) { try UserName(text) }
    }

    @Test("Names that differ in case only are one user, and keep their writing")
    func caseFolding() throws {
        let (one, other) = (try UserName("Alice"), try UserName("aLICE"))
        #expect(one == other)
        #expect(one.hashValue == other.hashValue)
        #expect(one.text == "Alice")
        #expect(try UserName("ΣΊΣΥΦΟΣ") == UserName("σίσυφος"))
    }

    @Test(
        "Names that look alike have one skeleton",
        arguments: [
            ("alice", "ALlCE"), ("alice", "al1ce"), ("paypal", "раураӏ"), ("modern", "rnodern"), ("wow", "vvovv"),
            ("bob", "b0b"), ("bob", "b_o-b"), ("ann", "a.nn"), ("σοφος", "σοφοσ"), ("Iain", "lain"),
            ("alice", "ạlice"), ("alice", "álïce"), ("123", "१२३"), ("paypal", "раураl".replacing("l", with: "ӏ")),
        ]
    )
    func lookAlikes(_ one: String, _ other: String) throws {
        #expect(try UserName(one).skeleton == UserName(other).skeleton)
    }

    @Test("Alphabets that are in use may write names", arguments: ["ᐃᓄᒃ", "ᏣᎳᎩ", "Ирина", "Ελένη", "ちひろ", "지민", "अनिता"])
    func alphabets(_ text: String) throws { #expect(try UserName(text).text == text) }

    @Test(
        "Different people have different skeletons",
        arguments: [("alice", "alicia"), ("bob", "rob"), ("tim", "tom")]
    )
    func distinct(_ one: String, _ other: String) throws {
        #expect(try UserName(one).skeleton != UserName(other).skeleton)
    }

    @Test(
        "Nobody may pass for the server",
        arguments: ["Server", "ADMIN", "adm1n", "sуstеm".lowercased(), "every-one"]
    )
    func reserved(_ text: String) {
        #expect((try? UserName(text))?.isReserved ?? true)
    }

    @Test("A pair has one name whoever asks, and only its two may be in it")
    func pairs() throws {
        let (alice, bob, eve) = (try UserName("alice"), try UserName("Bob"), try UserName("eve"))
        let pair = try DirectPair(bob, alice)
        #expect(pair.name == "alice~bob")
        #expect(pair == (try DirectPair(alice, bob)))
        #expect(pair.contains(bob) && !pair.contains(eve))
        #expect(pair.partner(of: alice) == bob)
        #expect(throws: PondError.self) { try DirectPair(alice, UserName("ALICE")) }
    }

    @Test(
        "A pair's name in any but its canonical spelling is no pair",
        arguments: ["bob~alice", "Alice~bob", "alice", "alice~alice", "alice~", "~bob", "a~b~c", "alice~b ob"]
    )
    func badPairs(_ name: String) {
        #expect(DirectPair(name: name) == nil)
    }

    @Test("A channel reads back from its path")
    func channels() throws {
        let pair = try DirectPair(UserName("alice"), UserName("bob"))
        for channel in [ChatChannel.lobby(try RoomName("#General")), .direct(pair), .directory] {
            #expect(ChatChannel(path: channel.path) == channel)
        }
        #expect(ChatChannel.lobby(try RoomName("General")).path == "/lobby/general")
    }

    @Test(
        "A channel has one spelling",
        arguments: [
            "/lobby/General", "/lobby/#a", "/lobby/", "lobby/a", "/lobby/a/b", "/dm/b~a", "/directory/", "/x", "",
        ]
    )
    func badChannels(_ path: String) {
        #expect(ChatChannel(path: path) == nil)
    }

    @Test("Random message ids are allowed ids and differ")
    func messageIDs() throws {
        let ids = Set((0..<100).map { _ in MessageID.random() })
        #expect(ids.count == 100)
        for id in ids { #expect(try MessageID(id.text) == id) }
        for bad in ["", "a b", "ä", "a\n", String(repeating: "a", count: 65)] {
            #expect(throws: PondError.self) { try MessageID(bad) }
        }
    }

    @Test("Nothing that arrives as a name can trap", arguments: 0..<200)
    func anyScalars(_ seed: Int) {
        var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1
        var text = ""
        for _ in 0..<20 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            if let scalar = Unicode.Scalar(UInt32(truncatingIfNeeded: state >> 33) % 0x11_0000) {
                text.unicodeScalars.append(scalar)
            }
        }
        if let name = try? UserName(text) { #expect(!name.key.isEmpty) }
        _ = DirectPair(name: text)
        _ = ChatChannel(path: text)
        _ = Mentions.found(in: "@" + text)
        _ = try? ChatText(text)
    }
}
