/// Reads requests one after the other from pieces of any size.
package struct HTTPRequestDecoder {
    package enum Part {
        /// A request begins.
        case head(HTTPRequestHead)
        /// The next bytes of its body, valid as long as the input is.
        case body(UnsafeRawBufferPointer)
        /// The request is complete; what follows is the next one, or another protocol.
        case end
    }

    private enum State {
        /// Reading a head; becomes `body`.
        case head
        /// Reading a body; becomes `head`.
        case body(HTTPBodyDecoder)
    }

    private var state = State.head
    private var head: HTTPHeadDecoder
    private let maximumBodyBytes: Int

    init(maximumHeadBytes: Int, maximumFields: Int, maximumBodyBytes: Int) {
        self.head = HTTPHeadDecoder(maximumBytes: maximumHeadBytes, maximumFields: maximumFields)
        self.maximumBodyBytes = maximumBodyBytes
    }

    /// A decoder within a server's limits.
    package init(_ limits: Limits) {
        self.init(
            maximumHeadBytes: limits.handshakeBytes,
            maximumFields: limits.headerCount,
            maximumBodyBytes: limits.sseBodyBytes
        )
    }

    /// Whether a request has begun and is not complete.
    package var isPartial: Bool {
        if case .body = self.state { return true }
        return self.head.isPartial
    }

    /// The next part; `nil` says that more bytes are needed. After a fault nothing more can be read.
    package mutating func next(_ input: inout UnsafeRawBufferPointer) throws(HTTPFault) -> Part? {
        switch self.state {
        case .head:
            guard let lines = try self.head.next(&input) else { return nil }
            let head = try HTTPRequestHead(lines)
            self.state = .body(try HTTPBodyDecoder(head.body, maximumBytes: self.maximumBodyBytes))
            return .head(head)
        case .body(var decoder):
            let part = try decoder.next(&input)
            switch part {
            case .bytes(let bytes):
                self.state = .body(decoder)
                return .body(bytes)
            case .end:
                self.state = .head
                return .end
            case nil:
                self.state = .body(decoder)
                return nil
            }
        }
    }
}
