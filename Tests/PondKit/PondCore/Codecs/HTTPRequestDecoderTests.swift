import Testing

@testable import PondCore

@Suite struct HTTPRequestDecoderTests {
    /// What a decoder made of pieces: a line for each part, body pieces joined.
    private static func transcript(
        _ pieces: [[UInt8]],
        decoder: HTTPRequestDecoder = HTTPRequestDecoder(.default)
    ) -> [String] {
        var decoder = decoder
        var lines: [String] = []
        var body = ""
        for piece in pieces {
            let fault = piece.withUnsafeBytes { bytes -> HTTPFault? in
                var input = bytes
                do throws(HTTPFault) {
                    while let part = try decoder.next(&input) {
                        switch part {
                        case .head(let head):
                            let fields = head.headers.map { "\($0.name)=\($0.value)" }.joined(separator: "|")
                            lines.append("\(head.method) \(head.path) ?\(head.query) \(head.keepAlive) \(fields)")
                        case .body(let bytes):
                            body += String(decoding: bytes, as: UTF8.self)
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
        return lines
    }

    private static let requests = crlf(
        """
        GET /a%20b/c?x=1&y=%C3%A4 HTTP/1.1
        Host: pond
        X-Empty:
        Accept:  text/event-stream \t

        POST /p HTTP/1.1
        host: pond
        Content-Length: 5

        helloPOST /q HTTP/1.1
        Host: pond
        Transfer-Encoding: chunked
        Connection: close

        3
        abc
        A;ext=1
        0123456789
        0
        Trailer: x

        OPTIONS * HTTP/1.1
        Host: pond


        """
    )

    @Test func readsPipelinedRequestsTheSameAtEverySplit() {
        let expected = [
            "GET /a%20b/c ?x=1&y=%C3%A4 true Host=pond|X-Empty=|Accept=text/event-stream", "end ",
            "POST /p ? true host=pond|Content-Length=5", "end hello",
            "POST /q ? false Host=pond|Transfer-Encoding=chunked|Connection=close", "end abc0123456789",
            "OPTIONS * ? true Host=pond", "end ",
        ]
        for pieces in everySplit(Self.requests) {
            #expect(Self.transcript(pieces) == expected)
        }
    }

    private static let ambiguous: [(String, Int)] = [
        ("GET / HTTP/1.1\nHost: a\n\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", 400),
        ("GET / HTTP/1.1\rHost: a\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\n: a\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nX\u{1}: b\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: b\u{0}\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: b\u{7F}\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: b\rc\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\nx", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\nx", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\nx", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x1\r\n\r\nx", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\nx", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\nx", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999\r\n\r\nx", 413),
        ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
        ("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n", 501),
        ("GET / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505),
        ("GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400),
        ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /\tx HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /ä HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET pond HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("G\u{e9}T / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /\r\n\r\n", 400),
        ("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ]

    @Test(arguments: Self.ambiguous)
    func refusesWhatTwoParsersCouldReadDifferently(text: String, status: Int) {
        for pieces in everySplit(Array(text.utf8)) {
            #expect(Self.transcript(pieces).last?.hasPrefix("\(status) ") == true, "\(text.debugDescription)")
        }
    }

    @Test(arguments: [
        "g\r\nabc\r\n0\r\n\r\n", "\r\n", ";x\r\n", "3 \r\nabc\r\n", "3\nabc\r\n", "3\r\nabcd\r\n", "3\r\nabc\n",
        "123456789\r\n", "3;\u{0}\r\nabc\r\n", "0\r\nX y: z\r\n\r\n", "0\r\n\rx",
    ])
    func refusesChunksThatAreNotExact(body: String) {
        let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        for pieces in everySplit(Array((head + body).utf8)) {
            #expect(Self.transcript(pieces).last?.hasPrefix("400 ") == true, "\(body.debugDescription)")
        }
    }

    @Test func takesOneEmptyLineBeforeARequestAndAbsoluteTargets() {
        let bytes = Array("\r\nGET http://pond:80/a?b HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n".utf8)
        #expect(Self.transcript([bytes]) == ["GET /a ?b true Connection=Keep-Alive", "end "])
    }

    @Test func boundsBytesFieldsAndBodiesBeforeTheyAreKept() {
        let decoder = HTTPRequestDecoder(maximumHeadBytes: 100, maximumFields: 3, maximumBodyBytes: 4)
        func last(_ text: String) -> String? { Self.transcript([Array(text.utf8)], decoder: decoder).last }
        let start = "GET / HTTP/1.1\r\nHost: a\r\n"
        #expect(last(start + "X: " + String(repeating: "y", count: 100)) == "431 Header fields too large")
        #expect(last("GET /" + String(repeating: "y", count: 100)) == "431 Header fields too large")
        #expect(last(start + "A: 1\r\nB: 2\r\nC: 3\r\n") == "431 Too many header fields")
        #expect(last(start + "A: 1\r\nB: 2\r\n\r\n") == "end ")
        #expect(last(start + "Content-Length: 4\r\n\r\nabcd") == "end abcd")
        #expect(last(start + "Content-Length: 5\r\n\r\n") == "413 Body too large")
        #expect(last(start + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\n") == "413 Body too large")
    }

    @Test func countsTheBytesOfEachRequestByThemselves() {
        let decoder = HTTPRequestDecoder(maximumHeadBytes: 40, maximumFields: 3, maximumBodyBytes: 4)
        let request = Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        #expect(Self.transcript([request + request + request], decoder: decoder).count == 6)
    }

    @Test func keepsBytesThatAreNoUTF8AsLatin1() {
        let bytes = Array("GET / HTTP/1.1\r\nHost: a\r\nX: caf".utf8) + [0xE9] + Array("\r\n\r\n".utf8)
        #expect(Self.transcript([bytes]).first?.hasSuffix("X=café") == true)
    }
}
