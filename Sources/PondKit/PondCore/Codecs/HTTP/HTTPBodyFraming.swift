/// How the end of a body is known.
package enum HTTPBodyFraming: Hashable {
    /// There is no body.
    case none
    /// So many bytes.
    case length(Int)
    /// Chunks with their sizes, up to one of size 0.
    case chunked
    /// Everything until the connection ends; responses only.
    case untilEnd

    /// The framing that a message's own fields say, `nil` when they say nothing.
    ///
    /// Whatever could be read in two ways is refused, because a proxy in front may read it in the other one.
    init?(_ headers: HTTPHeaders) throws(HTTPFault) {
        guard headers.contains("Content-Length") || headers.contains("Transfer-Encoding") else { return nil }
        let lengths = headers.values("Content-Length")
        let codings = headers.values("Transfer-Encoding")
        guard codings.isEmpty || lengths.isEmpty else {
            throw HTTPFault(400, "Both Content-Length and Transfer-Encoding")
        }
        guard codings.count <= 1 else { throw HTTPFault(400, "Repeated Transfer-Encoding") }
        guard lengths.count <= 1 else { throw HTTPFault(400, "Repeated Content-Length") }
        if let coding = codings.first {
            guard HTTPHeaders.equal(coding, "chunked") else { throw HTTPFault(501, "Unknown Transfer-Encoding") }
            self = .chunked
        } else if let length = lengths.first {
            let digits = length.utf8
            guard !digits.isEmpty, digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let length = Int(length) else {
                throw HTTPFault(400, "Invalid Content-Length")
            }
            self = .length(length)
        } else {
            return nil
        }
    }
}
