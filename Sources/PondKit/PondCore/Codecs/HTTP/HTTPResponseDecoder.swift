/// Reads responses one after the other from pieces of any size; interim ones (1xx, but for 101) are skipped.
package struct HTTPResponseDecoder {
    package enum Part {
        /// A response begins.
        case head(HTTPResponseHead)
        /// The next bytes of its body, valid as long as the input is.
        case body(UnsafeRawBufferPointer)
        /// The response is complete.
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
    private let maximumBodyBytes: Int?
    private var interim = 0

    /// `maximumBodyBytes` of `nil` takes a body without end, as an event stream is.
    package init(maximumHeadBytes: Int, maximumFields: Int, maximumBodyBytes: Int?) {
        self.head = HTTPHeadDecoder(maximumBytes: maximumHeadBytes, maximumFields: maximumFields)
        self.maximumBodyBytes = maximumBodyBytes
    }

    /// The next part; `nil` says that more bytes are needed. After a fault nothing more can be read.
    package mutating func next(_ input: inout UnsafeRawBufferPointer) throws(HTTPFault) -> Part? {
        while true {
            switch self.state {
            case .head:
                guard let lines = try self.head.next(&input) else { return nil }
                let head = try HTTPResponseHead(lines)
                if head.status / 100 == 1, head.status != 101 {
                    self.interim += 1
                    guard self.interim <= 8 else { throw HTTPFault(502, "Too many interim responses") }
                    continue
                }
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
}
