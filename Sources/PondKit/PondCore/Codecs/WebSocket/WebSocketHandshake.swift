/// The HTTP exchange that turns a connection into a WebSocket, for both sides.
package enum WebSocketHandshake {
    /// What a server answers to a request.
    package enum ServerAnswer: Hashable {
        /// The request does not ask for a WebSocket.
        case notAnUpgrade
        /// 101 with these fields; from then on frames are exchanged, compressed as agreed.
        case accept(HTTPHeaders, deflate: DeflateParameters?)
        /// This status with these fields, and the connection closes.
        case refuse(Int, HTTPHeaders, message: String)
    }

    /// Judges a request. A subprotocol is chosen only where the server has some.
    package static func answer(
        to request: HTTPRequestHead,
        subprotocols: [String] = [],
        deflate: DeflateOptions? = nil
    ) -> ServerAnswer {
        let headers = request.headers
        guard headers.hasToken("websocket", in: "Upgrade"), headers.hasToken("upgrade", in: "Connection") else {
            return .notAnUpgrade
        }
        guard request.method == "GET", request.minorVersion == 1, request.body == .none || request.body == .length(0)
        else {
            return .refuse(400, [:], message: "A WebSocket upgrade is a GET of HTTP/1.1 without a body")
        }
        guard headers.values("Sec-WebSocket-Version") == ["13"] else {
            return .refuse(426, ["Sec-WebSocket-Version": "13"], message: "Unknown WebSocket version")
        }
        let keys = headers.values("Sec-WebSocket-Key")
        guard keys.count == 1, Base64.decode(keys[0])?.count == 16 else {
            return .refuse(400, [:], message: "Missing or invalid Sec-WebSocket-Key")
        }
        var answer: HTTPHeaders = [
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Accept": self.accept(keys[0]),
        ]
        if let chosen = headers.list("Sec-WebSocket-Protocol").first(where: { subprotocols.contains(String($0)) }) {
            answer.add("Sec-WebSocket-Protocol", String(chosen))
        }
        let agreed = deflate.flatMap { PerMessageDeflate.answer(offers: headers, options: $0) }
        if let agreed { answer.add("Sec-WebSocket-Extensions", agreed.header) }
        return .accept(answer, deflate: agreed?.parameters)
    }

    /// A new random key for a client's request.
    package static func makeKey() -> String {
        var random = SystemRandomNumberGenerator()
        return Base64.encode((0..<16).map { _ in UInt8.random(in: .min ... .max, using: &random) })
    }

    /// The fields of a client's request; `headers` are the application's own.
    package static func request(host: String, key: String, deflate: DeflateOptions? = nil, headers: HTTPHeaders = [:])
        -> HTTPHeaders
    {
        var fields = headers
        fields["Host"] = host
        fields["Upgrade"] = "websocket"
        fields["Connection"] = "Upgrade"
        fields["Sec-WebSocket-Key"] = key
        fields["Sec-WebSocket-Version"] = "13"
        fields["Sec-WebSocket-Extensions"] = deflate.map(PerMessageDeflate.offer)
        return fields
    }

    /// Checks a server's answer against what was asked; gives the compression agreed on, if any.
    package static func check(
        _ response: HTTPResponseHead,
        key: String,
        subprotocols: [String] = [],
        deflate: DeflateOptions? = nil
    ) throws(HTTPFault) -> DeflateParameters? {
        guard response.status == 101 else { throw HTTPFault(response.status, "The server did not upgrade") }
        let headers = response.headers
        guard headers.hasToken("websocket", in: "Upgrade"), headers.hasToken("upgrade", in: "Connection") else {
            throw HTTPFault(502, "The server upgraded to something else")
        }
        guard headers.values("Sec-WebSocket-Accept") == [self.accept(key)] else {
            throw HTTPFault(502, "Wrong Sec-WebSocket-Accept")
        }
        let chosen = headers.values("Sec-WebSocket-Protocol")
        guard chosen.isEmpty || chosen.count == 1 && subprotocols.contains(chosen[0]) else {
            throw HTTPFault(502, "A subprotocol that was not asked for")
        }
        return try PerMessageDeflate.check(answer: headers, options: deflate)
    }

    /// The server's proof that it read the key.
    static func accept(_ key: String) -> String {
        Base64.encode(SHA1.digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))
    }
}
