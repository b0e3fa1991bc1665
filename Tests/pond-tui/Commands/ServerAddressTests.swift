import Testing

@testable import pond_tui

@Suite struct ServerAddressTests {
    @Test func serversAreNamedAsPeopleNameThem() {
        let cases: [(String, String?)] = [
            ("chat.example", "ws://chat.example:4000/socket"), ("chat.example:81", "ws://chat.example:81/socket"),
            ("localhost/pond", "ws://localhost:4000/pond"), ("ws://h:1/socket", "ws://h:1/socket"),
            ("wss://chat.example", "wss://chat.example/socket"), ("http://h:80", "ws://h:80/socket"),
            ("https://chat.example/", "wss://chat.example/socket"), ("[::1]:4000", "ws://[::1]:4000/socket"),
            ("[::1]", "ws://[::1]:4000/socket"), ("HTTPS://h", "wss://h/socket"),
            ("127.0.0.1:4000", "ws://127.0.0.1:4000/socket"), ("ws://h/socket?x=1", "ws://h/socket?x=1"),
            ("ftp://h", nil), ("h:0", nil), ("h:99999", nil), ("h:port", nil), ("two words", nil), ("", nil),
            (":4000", nil),
            ("ws://", nil),
        ]
        for (text, url) in cases { #expect(ServerAddress.url(text) == url, "\(text)") }
        #expect(ServerAddress.path(of: "ws://h:1/wrong?x") == "/wrong")
        #expect(ServerAddress.path(of: "ws://h:1") == "/")
    }

    @Test func theCommandLineTakesThem() throws {
        #expect(try CommandLineOptions(["chat.example:81"]).url == "ws://chat.example:81/socket")
        #expect(try CommandLineOptions(["--url", "https://c.example"]).url == "wss://c.example/socket")
        #expect(throws: CommandLineOptions.Fault.self) { try CommandLineOptions(["--frob"]) }
        #expect(throws: CommandLineOptions.Fault.self) { try CommandLineOptions(["not a host"]) }
    }

    @Test func connectTakesThemToo() {
        var model = Fixture.joined()
        let effects = Update.apply(.line("/connect other:5000"), to: &model, at: model.now)
        #expect(effects.contains(.session(.connect(url: "ws://other:5000/socket"))))
        let none = Update.apply(.line("/connect ftp://x"), to: &model, at: model.now)
        #expect(none.isEmpty)
        #expect(model.url == "ws://other:5000/socket")
        #expect(model.hint?.contains("HOST:PORT") == true)
    }
}
