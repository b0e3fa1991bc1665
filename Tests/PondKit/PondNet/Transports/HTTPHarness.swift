import Testing

@testable import PondCore
@testable import PondNet
@testable import PondRuntime
@testable import PondServer

/// A `PondSocket` with one lobby, served over loopback, and a loop for its clients.
final class HTTPHarness: Sendable {
    let pond: PondSocket
    let address: SocketAddress
    let clientLoop = EventLoop(name: "client")

    init(threads: Int = 1, deflate: DeflateOptions? = nil, _ configure: (inout PondOptions) -> Void = { _ in })
        async throws
    {
        var options = PondOptions()
        // A raw peer answers no goodbye.
        options.limits.closeTime = .milliseconds(50)
        configure(&options)
        self.pond = PondSocket(options: options)
        let endpoint = try self.pond.createEndpoint("/socket") { context in
            switch context.query["token"]?.first {
            case "bad": context.decline(403, "Bad token\r\nX: y")
            case "silent": break
            case "declines": context.decline(429, "slow down", retryAfter: 2.1)
            case "throws": throw PondError.rateLimited("slow down", retryAfter: 2.1)
            default: context.accept()
            }
        }
        let lobby = try endpoint.createChannel("/chat/:room") { context in context.accept() }
        try lobby.onMessage("echo") { context in context.reply("echo", context.payload) }
        try lobby.onMessage("say") { context in context.broadcast("say", context.payload) }
        self.pond.start(threads: threads)
        self.address = try await self.pond.listen(port: 0, deflate: deflate) { request in
            request.path == "/health" ? .text("ok \(request.method)") : nil
        }
        self.clientLoop.start()
    }

    func connect() async throws -> RawPeer { try await RawPeer.connect(to: self.address, on: self.clientLoop) }

    /// What is answered to a request, until the server ends the connection.
    func answer(_ request: String) async throws -> String {
        let peer = try await self.connect()
        await peer.write(Self.lines(request))
        return await peer.textUntilEnd()
    }

    /// A peer that has upgraded and got its greeting.
    func webSocket(_ query: String = "") async throws -> RawPeer {
        let peer = try await self.connect()
        await peer.write(Self.lines(Self.upgrade(query)))
        await peer.text(holding: "CONNECTION")
        return peer
    }

    /// An event stream that has got its greeting, and its secret id.
    func stream() async throws -> (RawPeer, id: String) {
        let peer = try await self.connect()
        await peer.write(Self.lines("GET /socket HTTP/1.1\nHost: a\nAccept: text/event-stream\n\n"))
        let text = await peer.text(holding: "CONNECTION")
        let id = text.split(separator: "X-Connection-ID: ").dropFirst().first?.prefix { $0 != "\r\n" } ?? ""
        return (peer, String(id))
    }

    /// A message posted beside a stream; gives the answer's status line.
    func post(_ message: String, to id: String, method: String = "POST") async throws -> String {
        let answer = try await self.answer(
            "\(method) /socket HTTP/1.1\nHost: a\nConnection: close\nX-Connection-ID: \(id)\n"
                + "Content-Length: \(message.utf8.count)\n\n\(message)"
        )
        return String(answer.prefix { $0 != "\r\n" })
    }

    static func upgrade(_ query: String = "", more: String = "") -> String {
        "GET /socket\(query) HTTP/1.1\nHost: a\nUpgrade: websocket\nConnection: Upgrade\n"
            + "Sec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\n\(more)\n"
    }

    static func lines(_ text: String) -> [UInt8] { Array(text.replacing("\n", with: "\r\n").utf8) }

    static func message(_ action: String, _ event: String, _ payload: String = "{}", id: String = "1") -> String {
        #"{"action":"\#(action)","event":"\#(event)","channelName":"/chat/1","requestId":"\#(id)","payload":\#(payload)}"#
    }

    func stop() async {
        await self.pond.stop()
        await self.clientLoop.stop()
    }
}
