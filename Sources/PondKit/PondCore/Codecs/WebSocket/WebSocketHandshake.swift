/// The HTTP exchange that turns a connection into a WebSocket, for both sides.
package enum WebSocketHandshake {
    /// What a server answers to a request.
    package enum ServerAnswer: Hashable {
        /// The request does not ask for a WebSocket.
        case notAnUpgrade
        /// 101; from then on frames are exchanged, compressed as agreed.
        case accept(WebSocketAcceptance, deflate: DeflateParameters?)
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
        guard let version = headers.onlyValue("Sec-WebSocket-Version"), version.elementsEqual("13".utf8) else {
            return .refuse(426, ["Sec-WebSocket-Version": "13"], message: "Unknown WebSocket version")
        }
        guard let key = headers.onlyValue("Sec-WebSocket-Key"), Base64.decode(key)?.count == 16 else {
            return .refuse(400, [:], message: "Missing or invalid Sec-WebSocket-Key")
        }
        var answer = WebSocketAcceptance(accept: self.accept(key))
        if !subprotocols.isEmpty,
            let chosen = headers.list("Sec-WebSocket-Protocol").first(where: { subprotocols.contains(String($0)) })
        {
            answer.subprotocol = String(chosen)
        }
        let agreed = deflate.flatMap { PerMessageDeflate.answer(offers: headers, options: $0) }
        answer.extensions = agreed?.header
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
        guard headers.values("Sec-WebSocket-Accept") == [self.accept(Array(key.utf8)[...])] else {
            throw HTTPFault(502, "Wrong Sec-WebSocket-Accept")
        }
        let chosen = headers.values("Sec-WebSocket-Protocol")
        guard chosen.isEmpty || chosen.count == 1 && subprotocols.contains(chosen[0]) else {
            throw HTTPFault(502, "A subprotocol that was not asked for")
        }
        return try PerMessageDeflate.check(answer: headers, options: deflate)
    }

    /// The server's proof that it read the key.
    static func accept(_ key: ArraySlice<UInt8>) -> String {
        var sum = SHA1()
        sum.update(key)
        sum.update("258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8)
        return Base64.encode(sum.finish())
    }
}

/// The answer to a request for a WebSocket that is accepted.
package struct WebSocketAcceptance: Hashable {
    /// The proof that the key was read.
    let accept: String
    var subprotocol: String?
    var extensions: String?

    init(accept: String) { self.accept = accept }

    /// The fields that differ from one answer to the next, and those that do not.
    var headers: HTTPHeaders {
        var headers: HTTPHeaders = [
            "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Accept": self.accept,
        ]
        if let subprotocol = self.subprotocol { headers.add("Sec-WebSocket-Protocol", subprotocol) }
        if let extensions = self.extensions { headers.add("Sec-WebSocket-Extensions", extensions) }
        return headers
    }

    /// The head of the response, with the empty line that ends it.
    package var response: [UInt8] {
        guard self.subprotocol == nil, self.extensions == nil else {
            return HTTPEncoder.responseHead(101, headers: self.headers)
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(192)
        bytes.append(contentsOf: Self.plainHead.utf8)
        bytes.append(contentsOf: self.accept.utf8)
        bytes.append(contentsOf: "\r\n\r\n".utf8)
        return bytes
    }

    private static let plainHead =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
}
