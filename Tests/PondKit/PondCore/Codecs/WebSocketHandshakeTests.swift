import Testing

@testable import PondCore

@Suite struct WebSocketHandshakeTests {
    @Test(arguments: [
        ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
        ),
        (String(repeating: "a", count: 1000), "291e9a6c66994949b57ba5e650361e98fc36b1ba"),
    ])
    func digestsAsPublished(text: String, digest: String) {
        let hex = SHA1.digest(text.utf8).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        #expect(hex == digest)
    }

    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("foobar", "Zm9vYmFy"),
    ])
    func writesAndReadsBase64(text: String, encoded: String) {
        #expect(Base64.encode(Array(text.utf8)) == encoded)
        #expect(Base64.decode(encoded) == Array(text.utf8))
    }

    @Test(arguments: ["Z", "Zg=", "Zg", "Zh==", "Zm9=", "====", "Zg==Zg==", "Zm9 ", "Z===", "Zm-_"])
    func refusesBase64ThatIsNotCanonical(text: String) {
        #expect(Base64.decode(text) == nil)
    }

    private static func request(_ change: (inout HTTPHeaders) -> Void = { _ in }, line: String = "GET / HTTP/1.1")
        throws
        -> HTTPRequestHead
    {
        var head = HTTPHeadDecoder.Head()
        head.startLine = Array(line.utf8)
        head.headers = [
            "Host": "pond", "Upgrade": "websocket", "Connection": "keep-alive, Upgrade",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version": "13",
        ]
        change(&head.headers)
        return try HTTPRequestHead(head)
    }

    @Test func answersTheExampleOfTheStandard() throws {
        let answer = WebSocketHandshake.answer(to: try Self.request())
        guard case .accept(let accepted, deflate: nil) = answer else {
            Issue.record("\(answer)")
            return
        }
        #expect(accepted.headers["Sec-WebSocket-Accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        #expect(accepted.headers["Sec-WebSocket-Protocol"] == nil)
        #expect(accepted.response == HTTPEncoder.responseHead(101, headers: accepted.headers))
    }

    @Test func answersASubprotocolOnlyWhereOneIsConfigured() throws {
        let request = try Self.request { $0["Sec-WebSocket-Protocol"] = "a, b" }
        guard case .accept(let none, _) = WebSocketHandshake.answer(to: request),
            case .accept(let some, _) = WebSocketHandshake.answer(to: request, subprotocols: ["c", "b"])
        else {
            Issue.record("refused")
            return
        }
        #expect(none.headers["Sec-WebSocket-Protocol"] == nil)
        #expect(some.headers["Sec-WebSocket-Protocol"] == "b")
        #expect(some.response == HTTPEncoder.responseHead(101, headers: some.headers))
    }

    @Test func saysWhatIsWrongWithARequest() throws {
        func status(_ request: HTTPRequestHead) -> String {
            switch WebSocketHandshake.answer(to: request) {
            case .notAnUpgrade: "none"
            case .accept: "101"
            case .refuse(let status, let headers, _): "\(status) \(headers["Sec-WebSocket-Version"] ?? "")"
            }
        }
        #expect(status(try Self.request { $0["Upgrade"] = nil }) == "none")
        #expect(status(try Self.request { $0["Upgrade"] = "h2c" }) == "none")
        #expect(status(try Self.request { $0["Connection"] = "keep-alive" }) == "none")
        #expect(status(try Self.request { $0["Upgrade"] = "WebSocket" }) == "101")
        #expect(status(try Self.request { $0["Sec-WebSocket-Version"] = "8" }) == "426 13")
        #expect(status(try Self.request { $0["Sec-WebSocket-Version"] = nil }) == "426 13")
        #expect(status(try Self.request { $0["Sec-WebSocket-Key"] = nil }) == "400 ")
        #expect(status(try Self.request { $0["Sec-WebSocket-Key"] = "c2hvcnQ=" }) == "400 ")
        #expect(status(try Self.request { $0.add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==") }) == "400 ")
        #expect(status(try Self.request(line: "POST / HTTP/1.1")) == "400 ")
        #expect(status(try Self.request(line: "GET / HTTP/1.0")) == "400 ")
        #expect(status(try Self.request { $0["Content-Length"] = "3" }) == "400 ")
    }

    @Test func aClientTakesOnlyTheRightAnswer() throws {
        let key = WebSocketHandshake.makeKey()
        #expect(Base64.decode(key)?.count == 16)
        func check(_ change: (inout HTTPHeaders) -> Void, line: String = "HTTP/1.1 101 Switching") -> Bool {
            var head = HTTPHeadDecoder.Head()
            head.startLine = Array(line.utf8)
            head.headers = [
                "Upgrade": "WebSocket", "Connection": "upgrade",
                "Sec-WebSocket-Accept": WebSocketHandshake.accept(Array(key.utf8)[...]),
            ]
            change(&head.headers)
            do {
                _ = try WebSocketHandshake.check(try HTTPResponseHead(head), key: key, subprotocols: ["a"])
                return true
            } catch { return false }
        }
        #expect(check { _ in })
        #expect(check { $0["Sec-WebSocket-Protocol"] = "a" })
        #expect(!check { $0["Sec-WebSocket-Protocol"] = "b" })
        #expect(!check { $0["Sec-WebSocket-Accept"] = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" })
        #expect(!check { $0["Upgrade"] = nil })
        #expect(!check { $0["Connection"] = nil })
        #expect(!check { $0["Sec-WebSocket-Extensions"] = "permessage-deflate" })
        #expect(!check({ _ in }, line: "HTTP/1.1 200 OK"))
    }

    @Test func whatAClientAsksAServerAccepts() throws {
        var options = DeflateOptions()
        options.serverContextTakeover = true
        let key = WebSocketHandshake.makeKey()
        let fields = WebSocketHandshake.request(host: "pond", key: key, deflate: options, headers: ["X": "1"])
        var head = HTTPHeadDecoder.Head()
        head.startLine = Array("GET / HTTP/1.1".utf8)
        head.headers = fields
        let answer = WebSocketHandshake.answer(to: try HTTPRequestHead(head), deflate: options)
        guard case .accept(let accepted, let deflate?) = answer else {
            Issue.record("\(answer)")
            return
        }
        head.startLine = Array("HTTP/1.1 101 Switching Protocols".utf8)
        head.headers = accepted.headers
        #expect(try WebSocketHandshake.check(try HTTPResponseHead(head), key: key, deflate: options) == deflate)
    }
}
