import PondCore
import PondNet
import PondRuntime

/// One request and what is answered to it.
struct HTTPExchange {
    let connection: HTTPConnection
    let head: HTTPRequestHead
    private let body: [UInt8]

    init(_ connection: HTTPConnection, _ head: HTTPRequestHead, _ body: [UInt8]) {
        self.connection = connection
        self.head = head
        self.body = body
    }

    var settings: HTTPServer.Settings { self.connection.context.settings }
    private var remoteAddress: String { self.connection.channel.remoteAddress.host }
    private var query: [String: [String]] { PercentCoding.query(self.head.query.utf8) }

    /// Answers, now or later.
    func begin() {
        guard self.settings.pond.serves(self.head.path) else { return self.answerPlainly() }
        switch self.head.method {
        case "GET": self.connect()
        case "POST": self.post()
        case "DELETE": self.delete()
        case "OPTIONS": self.preflight()
        default:
            self.connection.answer(
                HTTPResponse(status: 405, headers: ["Allow": "GET, POST, DELETE, OPTIONS"])
            )
        }
    }

    private func answerPlainly() {
        let request = HTTPRequest(
            method: self.head.method,
            path: self.head.path,
            query: self.query,
            headers: self.head.headers,
            remoteAddress: self.remoteAddress,
            body: self.body
        )
        self.connection.answer(self.settings.routes(request) ?? .text("Not Found", status: 404))
    }

    // MARK: Connecting

    private func connect() {
        switch WebSocketHandshake.answer(to: self.head, deflate: self.settings.deflate) {
        case .accept(let answer, let deflate):
            self.open(.webSocket) { self.upgrade($0, answer, deflate) }
        case .refuse(let status, let headers, let message):
            self.refuse(status, message, headers)
        case .notAnUpgrade where self.acceptsEvents:
            self.open(.serverSentEvents) { self.stream($0) }
        case .notAnUpgrade:
            self.refuse(426, "Upgrade Required", ["Upgrade": "websocket"])
        }
    }

    private var acceptsEvents: Bool {
        self.head.headers.list("Accept").contains { element in
            HTTPHeaders.equal(element.prefix { $0 != ";" }.trimmingHTTPSpace(), "text/event-stream")
        }
    }

    /// Asks the server; `accepted` completes the handshake.
    private func open(_ kind: TransportKind, accepted: @escaping (AcceptedConnection) -> Void) {
        let request = ConnectionRequest(
            path: self.head.path,
            queryText: self.head.query,
            headers: self.head.headers,
            remoteAddress: self.remoteAddress,
            kind: kind
        )
        self.settings.pond.open(request, on: self.connection.channel.loop) { answer in
            switch answer {
            case .accept(let connection):
                guard self.connection.isWaiting, self.connection.channel.isOpen else { return connection.cancel() }
                accepted(connection)
            case .decline(let status, let message, let headers):
                guard self.connection.isWaiting else { return }
                self.refuse(status, message, headers)
            }
        }
    }

    private func upgrade(_ accepted: AcceptedConnection, _ answer: WebSocketAcceptance, _ deflate: DeflateParameters?) {
        let channel = self.connection.channel
        let rest = self.connection.handOver()
        channel.write(answer.response)
        let transport = WebSocketTransport(
            channel,
            role: .server,
            context: self.connection.context.webSocket,
            deflate: deflate
        )
        accepted.attach(transport)
        transport.begin(after: rest)
    }

    private func stream(_ accepted: AcceptedConnection) {
        let channel = self.connection.channel
        _ = self.connection.handOver()
        var headers: HTTPHeaders = [
            "Content-Type": "text/event-stream; charset=utf-8",
            "Cache-Control": "no-cache, no-transform",
            "X-Accel-Buffering": "no",
            "X-Connection-ID": accepted.connectionId,
            "Connection": "close",
        ]
        for field in self.originFields { headers.add(field.name, field.value) }
        channel.write(HTTPEncoder.responseHead(200, headers: headers))
        let transport = SSEServerTransport(channel, context: self.connection.context.events)
        let (streams, id) = (self.settings.streams, accepted.connectionId)
        streams.add(transport, id: id, on: channel.loop)
        transport.whenOver = { streams.remove(id) }
        transport.begin()
        accepted.attach(transport)
    }

    // MARK: Requests beside a stream

    private func post() {
        let body = self.body
        self.withStream { transport in body.withUnsafeBytes { transport.deliver($0) } }
    }

    private func delete() { self.withStream { $0.leave() } }

    /// Does something to the stream that the request names, on the stream's loop; answers 204 when it could be done.
    private func withStream(_ body: @escaping @Sendable (SSEServerTransport) -> Bool) {
        guard self.settings.pond.options.allowedOrigins.allows(self.head.headers) else {
            return self.refuse(403, "Origin not allowed")
        }
        guard let id = self.head.headers["X-Connection-ID"] else {
            return self.refuse(400, "X-Connection-ID header required")
        }
        let loop = self.connection.channel.loop
        guard let entry = self.settings.streams.find(id) else { return self.missing(id, on: loop) }
        if entry.loop === loop { return self.conclude(body(entry.transport.value)) }
        let exchange = LoopConfined(self, to: loop)
        entry.loop.execute {
            let isDone = body(entry.transport.value)
            loop.execute { exchange.value.conclude(isDone) }
        }
    }

    private func conclude(_ isDone: Bool) {
        guard isDone else { return self.refuse(404, "Connection not found") }
        self.connection.answer(HTTPResponse(status: 204, headers: self.originFields))
    }

    /// Whether an id belongs to a WebSocket connection or to none.
    private func missing(_ id: String, on loop: EventLoop) {
        let exchange = LoopConfined(self, to: loop)
        let pond = self.settings.pond
        Task(executorPreference: loop) {
            let exists = await pond.hasConnection(id)
            loop.execute {
                exchange.value.refuse(
                    exists ? 400 : 404,
                    exists ? "The connection is not an event stream" : "Connection not found"
                )
            }
        }
    }

    /// Answers with words and closes.
    func refuse(_ status: Int, _ message: String, _ more: HTTPHeaders = [:]) {
        var response = HTTPResponse.text(message, status: status)
        for field in self.originFields { response.headers.add(field.name, field.value) }
        for field in more { response.headers.add(field.name, field.value) }
        self.connection.answer(response, closing: true)
    }
}
