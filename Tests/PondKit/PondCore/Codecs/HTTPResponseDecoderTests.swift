import Testing

@testable import PondCore

@Suite struct HTTPResponseDecoderTests {
    private static func transcript(_ pieces: [[UInt8]], maximumBodyBytes: Int? = nil) -> [String] {
        var decoder = HTTPResponseDecoder(maximumHeadBytes: 1000, maximumFields: 10, maximumBodyBytes: maximumBodyBytes)
        var lines: [String] = []
        var body = ""
        for piece in pieces {
            let fault = piece.withUnsafeBytes { bytes -> HTTPFault? in
                var input = bytes
                do throws(HTTPFault) {
                    while let part = try decoder.next(&input) {
                        switch part {
                        case .head(let head): lines.append("\(head.status) \(head.keepAlive)")
                        case .body(let bytes): body += String(decoding: bytes, as: UTF8.self)
                        case .end:
                            lines.append("end \(body)")
                            body = ""
                        }
                    }
                } catch { return error }
                return nil
            }
            if let fault { return lines + ["\(fault.status) \(fault.message)"] }
        }
        return lines + (body.isEmpty ? [] : ["open \(body)"])
    }

    @Test func readsResponsesTheSameAtEverySplit() {
        let bytes = crlf(
            """
            HTTP/1.1 100 Continue

            HTTP/1.1 200 OK
            Content-Length: 2

            okHTTP/1.1 204

            HTTP/1.1 200 Fine
            Transfer-Encoding: chunked

            1
            x
            0

            HTTP/1.0 400 No
            X: y

            the rest
            """
        )
        let expected = ["200 true", "end ok", "204 true", "end ", "200 true", "end x", "400 false", "open the rest"]
        for pieces in everySplit(bytes) { #expect(Self.transcript(pieces) == expected) }
    }

    @Test(arguments: [
        "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/2.0 200 OK\r\n\r\n", "ICY 200 OK\r\n\r\n",
        "HTTP/1.1  200 OK\r\n\r\n", "HTTP/1.1\r\n\r\n",
    ])
    func refusesOtherStatusLines(text: String) {
        #expect(Self.transcript([Array(text.utf8)]) == ["502 Invalid status line"])
    }

    @Test func boundsInterimResponsesAndBodies() {
        let interim = String(repeating: "HTTP/1.1 103 Early Hints\r\n\r\n", count: 9)
        #expect(Self.transcript([Array(interim.utf8)]) == ["502 Too many interim responses"])
        let endless = Array("HTTP/1.1 500 Oh\r\n\r\n12345".utf8)
        #expect(Self.transcript([endless], maximumBodyBytes: 4).last == "413 Body too large")
    }

    @Test func nothingAnEncoderIsGivenCanEndALineEarly() {
        var headers: HTTPHeaders = ["X": "a\r\nSet-Cookie: b\u{0}", "bad name": "x"]
        headers.add("", "y")
        let response = String(
            decoding: HTTPEncoder.response(403, headers: headers, body: Array("no".utf8)),
            as: UTF8.self
        )
        #expect(response == "HTTP/1.1 403 Forbidden\r\nX: aSet-Cookie: b\r\nContent-Length: 2\r\n\r\nno")
        let request = HTTPEncoder.requestHead("GE T", target: "/a b\r\n", headers: ["Host": "h"])
        #expect(String(decoding: request, as: UTF8.self) == "GET /ab HTTP/1.1\r\nHost: h\r\n\r\n")
    }

    @Test func whatIsEncodedDecodesToTheSame() {
        let bytes = HTTPEncoder.response(404, headers: ["X": "1"], body: Array("gone".utf8)) + HTTPEncoder.response(204)
        #expect(Self.transcript([bytes]) == ["404 true", "end gone", "204 true", "end "])
    }
}
