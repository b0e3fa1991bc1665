import Testing

@testable import PondCore
@testable import PondServer

@Suite struct AllowedOriginsTests {
    @Test(arguments: [
        ("http://127.0.0.1:4000", "127.0.0.1:4000", true), ("http://localhost:4000", "localhost:4000", true),
        ("http://[::1]:4000", "[::1]:4000", true), ("http://app.localhost", "app.localhost", true),
        ("https://chat.example", "chat.example", true), ("https://chat.example", "CHAT.example", true),
        ("http://evil.example:4000", "evil.example:4000", false),
        ("http://1.2.3.4.evil.example", "1.2.3.4.evil.example", false),
        ("http://localhost.evil.example", "localhost.evil.example", false),
        ("https://other.example", "chat.example", false),
        ("null", "chat.example", false),
    ])
    func aPageOfTheSameHostIsAllowedUnlessItsNameCanBeReboundToThisServer(
        _ origin: String,
        _ host: String,
        _ isAllowed: Bool
    ) {
        #expect(AllowedOrigins.sameHost.allows(["Origin": origin, "Host": host]) == isAllowed)
    }

    @Test func aListedPageIsAllowedWhateverItsHost() {
        let origins = AllowedOrigins.these(["http://intranet:4000"])
        #expect(origins.allows(["Origin": "http://intranet:4000", "Host": "intranet:4000"]))
        #expect(!origins.allows(["Origin": "http://intranet:4001", "Host": "intranet:4001"]))
    }
}
