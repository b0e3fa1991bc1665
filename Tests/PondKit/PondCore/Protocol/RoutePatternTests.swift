import PondKit
import Testing

@Suite struct RoutePatternTests {
    @Test(
        arguments: [
            ("/chat", "/chat", RouteMatch()), ("/chat", "chat/", RouteMatch()), ("/chat", "//chat//", RouteMatch()),
            ("chat/", "/chat", RouteMatch()), ("/", "", RouteMatch()), ("/chat", "/Chat", nil),
            ("/chat", "/chat/x", nil),
            ("/chat/:id", "/chat/42", RouteMatch(params: ["id": "42"])), ("/chat/:id", "/chat", nil),
            ("/chat/:id", "/chat//", nil),
            ("/chat/:id", "/chat/a%20b%2Fc", RouteMatch(params: ["id": "a b/c"])),
            ("/chat/:id", "/chat/%zz%4", RouteMatch(params: ["id": "%zz%4"])),
            ("/chat/:id", "/chat/日本", RouteMatch(params: ["id": "日本"])), ("/chat/:id", "/chat/1/2", nil),
            ("/u/id:n/x", "/u/id7/x", RouteMatch(params: ["n": "7"])), ("/u/id:n", "/u/id", nil),
            ("/u/id:n", "/u/xd7", nil),
            ("room:name", "roomred", RouteMatch(params: ["name": "red"])),
            ("/a/:x/b/:y", "/a/1/b/2", RouteMatch(params: ["x": "1", "y": "2"])),
            ("/files/*", "/files/a/b%20c", RouteMatch(wildcard: "a/b c")),
            ("/files/*", "/files", RouteMatch(wildcard: "")),
            ("/files/*", "/file/a", nil), ("*", "/any/thing", RouteMatch(wildcard: "any/thing")),
            (
                "/chat", "/chat?a=1&a=2&b=x+y%26&c&=d",
                RouteMatch(query: ["a": ["1", "2"], "b": ["x y&"], "c": [""], "": ["d"]])
            ),
            ("/chat/:id", "/chat/7?", RouteMatch(params: ["id": "7"])),
        ] as [(String, String, RouteMatch?)]
    )
    func matches(pattern: String, path: String, expected: RouteMatch?) throws {
        #expect(try RoutePattern(pattern).match(path) == expected)
    }

    @Test(arguments: ["/a/:", "/:a/:a", "/*/b"])
    func refusesPatternsThatMeanNothing(_ pattern: String) {
        #expect(throws: PondError.self) { try RoutePattern(pattern) }
    }

    @Test func takesPatternsOfOneShapeForTheSame() throws {
        #expect(try RoutePattern("/chat/:id") == RoutePattern("chat//:id/"))
        #expect(try RoutePattern("/chat/:id") != RoutePattern("/chat/:name/x"))
    }
}
