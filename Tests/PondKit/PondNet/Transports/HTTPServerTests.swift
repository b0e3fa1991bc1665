import Testing

@testable import PondCore
@testable import PondNet
@testable import PondServer

@Suite(.timeLimit(.minutes(1))) struct HTTPServerTests {
    @Test func upgradesGreetsAndCarriesMessages() async throws {
        let harness = try await HTTPHarness()
        let peer = try await harness.webSocket()
        await peer.write(.masked(.text, HTTPHarness.message("JOIN_CHANNEL", "JOIN_CHANNEL")))
        await peer.text(holding: "ACKNOWLEDGE")
        await peer.write(.masked(.text, HTTPHarness.message("BROADCAST", "echo", #"{"a":1}"#, id: "42")))
        let text = await peer.text(holding: #""payload":{"a":1}"#)
        #expect(text.hasPrefix("HTTP/1.1 101 Switching Protocols\r\n"))
        #expect(text.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))
        #expect(text.contains(#""event":"echo","channelName":"/chat/1","requestId":"42""#))
        await harness.stop()
    }

    @Test func takesFramesThatCameWithTheHandshake() async throws {
        let harness = try await HTTPHarness()
        let peer = try await harness.connect()
        let join: [UInt8] = .masked(.text, HTTPHarness.message("JOIN_CHANNEL", "JOIN_CHANNEL"))
        await peer.write(HTTPHarness.lines(HTTPHarness.upgrade()) + join)
        #expect(await peer.text(holding: "ACKNOWLEDGE").contains("ACKNOWLEDGE"))
        await harness.stop()
    }

    @Test func agreesOnCompressionWhereItIsOn() async throws {
        let harness = try await HTTPHarness(deflate: DeflateOptions())
        let offer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\n"
        let peer = try await harness.connect()
        await peer.write(HTTPHarness.lines(HTTPHarness.upgrade(more: offer)))
        let text = await peer.text(holding: "CONNECTION")
        #expect(text.contains("permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n"))
        await harness.stop()
    }

    @Test func answersABinaryMessageThatIsNotUTF8AndKeepsTheSocketOpen() async throws {
        let harness = try await HTTPHarness()
        let peer = try await harness.webSocket()
        for bytes: [UInt8] in [[0xFF], Array(#"{"action":""#.utf8) + [0xED, 0xA0, 0x80], [0xC3]] {
            await peer.write(.masked(.binary, bytes))
        }
        await peer.write(.masked(.text, HTTPHarness.message("JOIN_CHANNEL", "JOIN_CHANNEL")))
        let text = await peer.text(holding: "ACKNOWLEDGE")
        #expect(text.components(of: #""action":"ERROR","event":"INVALID_MESSAGE","channelName":"GATEWAY""#) == 3)
        #expect(text.contains("Invalid UTF-8"))
        await harness.stop()
    }

    @Test func answersAPostThatIsNotUTF8OnTheStream() async throws {
        let harness = try await HTTPHarness()
        let (peer, id) = try await harness.stream()
        let poster = try await harness.connect()
        let head = "POST /socket HTTP/1.1\nHost: a\nConnection: close\nX-Connection-ID: \(id)\nContent-Length: 3\n\n"
        await poster.write(HTTPHarness.lines(head) + [0x22, 0xFF, 0x22])
        #expect(await poster.textUntilEnd().hasPrefix("HTTP/1.1 204 "))
        await peer.text(holding: "INVALID_MESSAGE")
        await harness.stop()
    }

    @Test(arguments: ["declines", "throws"])
    func tellsInAHeaderWhenToTryAgain(_ token: String) async throws {
        let harness = try await HTTPHarness()
        for accept in ["Upgrade: websocket\nConnection: Upgrade", "Accept: text/event-stream"] {
            let request = HTTPHarness.upgrade("?token=\(token)")
                .replacing("Upgrade: websocket\nConnection: Upgrade", with: accept)
            let answer = try await harness.answer(request)
            #expect(answer.hasPrefix("HTTP/1.1 429 "), "\(answer)")
            #expect(answer.contains("\r\nRetry-After: 3\r\n") && answer.hasSuffix("slow down"), "\(answer)")
        }
        await harness.stop()
    }

    private static let refusals: [(String, String, String)] = [
        ("GET /socket HTTP/1.1\nHost: a\n\n", "426", "Upgrade: websocket"),
        ("GET /nope HTTP/1.1\nHost: a\nConnection: close\n\n", "404", "Not Found"),
        (HTTPHarness.upgrade().replacing("13", with: "8"), "426", "Sec-WebSocket-Version: 13"),
        (HTTPHarness.upgrade().replacing("dGhl", with: "dGh"), "400", "Sec-WebSocket-Key"),
        (HTTPHarness.upgrade("?token=bad"), "403", "Bad token\r\nX: y"),
        (HTTPHarness.upgrade("?token=silent"), "401", "did not accept or decline"),
        (HTTPHarness.upgrade(more: "Origin: https://evil.example\n"), "403", "Connection: close"),
        ("PUT /socket HTTP/1.1\nHost: a\nConnection: close\n\n", "405", "Allow: GET, POST, DELETE, OPTIONS"),
        ("POST /socket HTTP/1.1\nHost: a\n\n", "400", "X-Connection-ID header required"),
        ("POST /socket HTTP/1.1\nHost: a\nX-Connection-ID: nobody\n\n", "404", "Connection not found"),
        ("POST /socket HTTP/1.1\nHost: a\nX-Connection-ID: nobody\nContent-Length: 5000000\n\n", "413", "too large"),
        ("DELETE /socket HTTP/1.1\nHost: a\nX-Connection-ID: nobody\n\n", "404", "Connection not found"),
        ("OPTIONS /socket HTTP/1.1\nHost: a\nOrigin: https://evil.example\n\n", "403", "Origin not allowed"),
        ("GET /socket HTTP/1.1\nHost: a\nHost: b\n\n", "400", "Repeated Host"),
        ("GET /socket HTTP/3.0\nHost: a\n\n", "505", "Connection: close"),
    ]

    @Test(arguments: Self.refusals)
    func answersWhatItDoesNotTakeAndCloses(request: String, status: String, part: String) async throws {
        let harness = try await HTTPHarness { $0.allowedOrigins = .these(["https://pond.example"]) }
        let answer = try await harness.answer(request)
        #expect(answer.hasPrefix("HTTP/1.1 \(status) ") && answer.contains(part), "\(answer)")
        // A message with a line end in it stays in the body.
        #expect(answer.split(separator: "\r\n\r\n").count <= 2)
        await harness.stop()
    }

    @Test func servesPipelinedRequestsInOrderAndKeepsTheConnection() async throws {
        let harness = try await HTTPHarness()
        let peer = try await harness.connect()
        let request = "GET /health HTTP/1.1\nHost: a\n\n"
        let many = String(repeating: request, count: 3000)
        await peer.write(HTTPHarness.lines(many + "HEAD /health HTTP/1.1\nHost: a\nConnection: close\n\n"))
        let answers = await peer.textUntilEnd()
        #expect(answers.components(of: "ok GET") == 3000)
        #expect(answers.components(of: "HTTP/1.1 200 OK") == 3001)
        #expect(answers.hasSuffix("Connection: close\r\nContent-Length: 7\r\n\r\n"))
        await harness.stop()
    }

    @Test func answersARequestPipelinedBehindOneThatWaits() async throws {
        let harness = try await HTTPHarness(threads: 2)
        let waiting = "POST /socket HTTP/1.1\nHost: a\nX-Connection-ID: nobody\n\n"
        // The first one is asked of every loop; the second one must not overtake it, and nothing follows a refusal.
        let answers = try await harness.answer(waiting + "GET /health HTTP/1.1\nHost: a\n\n")
        #expect(answers.hasPrefix("HTTP/1.1 404 ") && answers.components(of: "HTTP/1.1") == 1)
        await harness.stop()
    }

    @Test(arguments: [1, 2])
    func anEventStreamIsAConnectionLikeAnyOther(threads: Int) async throws {
        let harness = try await HTTPHarness(threads: threads)
        let (peer, id) = try await harness.stream()
        #expect(try await harness.post(HTTPHarness.message("JOIN_CHANNEL", "x"), to: id) == "HTTP/1.1 204 No Content")
        await peer.text(holding: "ACKNOWLEDGE")
        _ = try await harness.post(HTTPHarness.message("BROADCAST", "say", #"{"n":1}"#), to: id)
        await peer.text(holding: #""payload":{"n":1}"#)
        #expect(try await harness.post("{not json", to: id) == "HTTP/1.1 204 No Content")
        let text = await peer.text(holding: "INVALID_MESSAGE")
        #expect(text.hasPrefix("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n"))
        #expect(text.contains("\r\nCache-Control: no-cache, no-transform\r\nX-Accel-Buffering: no\r\n"))
        #expect(text.contains("\r\n\r\nevent: CONNECTION\ndata: {\"action\":\"CONNECT\""))
        #expect(text.contains("\n\nevent: say\ndata: {\"action\":\"BROADCAST\",\"event\":\"say\""))
        #expect(try await harness.post("", to: id, method: "DELETE") == "HTTP/1.1 204 No Content")
        _ = await peer.textUntilEnd()
        #expect(try await harness.post("", to: id, method: "DELETE") == "HTTP/1.1 404 Not Found")
        #expect(try await harness.post("{}", to: id) == "HTTP/1.1 404 Not Found")
        await harness.stop()
    }

    @Test func tellsAWebSocketsIdFromNobodys() async throws {
        let harness = try await HTTPHarness(threads: 2)
        let peer = try await harness.webSocket()
        let text = await peer.text(holding: "connectionId")
        let id = text.split(separator: #""connectionId":""#).last?.prefix { $0 != "\"" } ?? ""
        #expect(try await harness.post("{}", to: String(id)) == "HTTP/1.1 400 Bad Request")
        await harness.stop()
    }

    @Test func keepsAStreamAliveAndNoticesItsEnd() async throws {
        let harness = try await HTTPHarness { $0.limits.sseKeepalive = .milliseconds(20) }
        let (peer, id) = try await harness.stream()
        #expect(await peer.text(holding: ": keepalive\n\n: keepalive\n\n").contains("keepalive"))
        await peer.close()
        while harness.pond.connectionCount > 0 { await Task.yield() }
        #expect(try await harness.post("{}", to: id) == "HTTP/1.1 404 Not Found")
        await harness.stop()
    }

    @Test func letsPagesOfAllowedOriginsReadAnswers() async throws {
        let harness = try await HTTPHarness { $0.allowedOrigins = .these(["https://pond.example"]) }
        let preflight = try await harness.answer(
            "OPTIONS /socket HTTP/1.1\nHost: a\nOrigin: https://pond.example\nConnection: close\n\n"
        )
        #expect(preflight.hasPrefix("HTTP/1.1 204 "))
        #expect(preflight.contains("Access-Control-Allow-Origin: https://pond.example\r\n"))
        #expect(preflight.contains("Access-Control-Allow-Methods: GET, POST, DELETE, OPTIONS\r\n"))
        let stream = try await harness.connect()
        let origin = "Origin: https://pond.example\n"
        await stream.write(
            HTTPHarness.lines("GET /socket HTTP/1.1\nHost: a\n\(origin)Accept: text/event-stream\n\n")
        )
        let head = await stream.text(holding: "CONNECTION")
        #expect(head.contains("Access-Control-Expose-Headers: X-Connection-ID\r\n"))
        await harness.stop()
    }

    @Test func asksForABodyThatWaitsToBeAskedFor() async throws {
        let harness = try await HTTPHarness()
        let (stream, id) = try await harness.stream()
        let join = HTTPHarness.message("JOIN_CHANNEL", "x")
        let peer = try await harness.connect()
        await peer.write(
            HTTPHarness.lines(
                "POST /socket HTTP/1.1\nHost: a\nExpect: 100-continue\nConnection: close\nX-Connection-ID: \(id)\n"
                    + "Content-Length: \(join.utf8.count)\n\n"
            )
        )
        #expect(await peer.text(holding: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
        await peer.write(join)
        #expect(await peer.textUntilEnd().contains("HTTP/1.1 204 No Content"))
        #expect(await stream.text(holding: "ACKNOWLEDGE").contains("ACKNOWLEDGE"))
        await harness.stop()
    }

    private struct Names: AddressSource {
        func addresses(of host: String, port: Int) throws(PondError) -> [SocketAddress] {
            guard host == "pond.example" else { throw PondError.notFound("Nobody knows \(host)") }
            return ["192.0.2.1", "127.0.0.1"].compactMap { SocketAddress(ip: $0, port: port) }
        }
    }

    @Test func listensAtNames() async throws {
        let pond = PondSocket()
        let resolver = Resolver(source: Names())
        let found = try await pond.addresses(of: "pond.example", port: 7, resolver: resolver)
        #expect(found.map(\.host) == ["192.0.2.1", "127.0.0.1"])
        #expect(try await pond.addresses(of: "::1", port: 7, resolver: resolver).map(\.host) == ["::1"])
        #expect(try await pond.addresses(of: "localhost", port: 7, resolver: resolver).map(\.host) == ["127.0.0.1"])
        await #expect(throws: PondError.self) { try await pond.addresses(of: "nowhere", port: 7, resolver: resolver) }
        await #expect(throws: PondError.self) { try await pond.addresses(of: "::1", port: 65_536, resolver: resolver) }
        #expect(try await pond.listen(host: "localhost", port: 0).port != 0)
        await pond.stop(drain: .zero)
    }
}

extension String {
    /// How often a text stands in this one.
    func components(of part: String) -> Int { self.ranges(of: part).count }
}
