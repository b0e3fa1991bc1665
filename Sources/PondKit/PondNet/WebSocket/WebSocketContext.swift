package import PondCore

/// What the WebSockets of one loop share: their limits, and one compressor for all that keep no context of their own.
///
/// It belongs to one loop.
package final class WebSocketContext {
    let limits: Limits
    /// How messages may be compressed; `nil` where they are not.
    let deflate: DeflateOptions?

    private var deflater: Deflater?
    private var inflater: Inflater?
    /// A reader between messages, for the next connection that has something to read.
    private var idleReader: WebSocketReader?
    private var idleInflatingReader: WebSocketReader?
    private var cached: (frame: Frame, bytes: [UInt8]?)?

    var unfinished = UnfinishedMessages<WebSocketTransport>()

    /// What was inflated in one turn of the loop, over all connections.
    private var inflated = (turn: UInt64(0), bytes: 0)

    package init(limits: Limits, deflate: DeflateOptions? = nil) {
        self.limits = limits
        self.deflate = deflate
    }

    /// The compressed text of a frame, made once for all who get it one after another; `nil` where it saves nothing.
    func compressed(_ frame: Frame) -> [UInt8]? {
        if let cached = self.cached, cached.frame === frame { return cached.bytes }
        if self.deflater == nil {
            self.deflater = Deflater(level: self.deflate?.level ?? 1, windowBits: 15, takeover: false)
        }
        let bytes = self.deflater.flatMap { frame.text.compressed(by: $0) }
        self.cached = (frame, bytes)
        return bytes
    }

    /// A reader for a connection of the server's role whose messages stand alone.
    func takeReader(inflates: Bool) -> WebSocketReader {
        if inflates {
            if let reader = self.idleInflatingReader {
                self.idleInflatingReader = nil
                return reader
            }
            return WebSocketReader(role: .server, limits: self.limits, inflater: self.sharedInflater(), isShared: true)
        }
        if let reader = self.idleReader {
            self.idleReader = nil
            return reader
        }
        return WebSocketReader(role: .server, limits: self.limits, inflater: nil, isShared: true)
    }

    /// Takes a reader back that is between two messages.
    func giveBack(_ reader: WebSocketReader) {
        if reader.inflates { self.idleInflatingReader = reader } else { self.idleReader = reader }
    }

    /// Counts what was inflated in this turn of the loop; says whether that was so much that the rest of what is here
    /// has to wait, lest a few bytes keep everyone else waiting.
    func hasInflatedEnough(_ bytes: Int, in turn: UInt64) -> Bool {
        if self.inflated.turn != turn { self.inflated = (turn, 0) }
        self.inflated.bytes += bytes
        return self.inflated.bytes >= self.limits.inflatedBytes
    }

    /// What inflates messages that each stand alone.
    private func sharedInflater() -> Inflater? {
        if self.inflater == nil { self.inflater = Inflater(windowBits: 15, takeover: false) }
        return self.inflater
    }

    /// What inflates messages of this role's peer under these terms.
    func makeInflater(_ parameters: DeflateParameters, role: WebSocketRole) -> Inflater? {
        let (windowBits, takeover) = parameters.sending(as: role.other)
        guard !takeover else { return Inflater(windowBits: windowBits, takeover: true) }
        return self.sharedInflater()
    }

    /// What compresses this role's messages, where the shared compressor will not do.
    func makeDeflater(_ parameters: DeflateParameters, role: WebSocketRole) -> Deflater? {
        let (windowBits, takeover) = parameters.sending(as: role)
        guard takeover || windowBits < 15 else { return nil }
        return Deflater(level: self.deflate?.level ?? 1, windowBits: windowBits, takeover: takeover)
    }
}

extension [UInt8] {
    /// These bytes compressed; `nil` where that failed or saved nothing.
    ///
    /// A compressor that keeps its context has to send what it made, for the peer must follow.
    func compressed(by deflater: Deflater) -> [UInt8]? {
        var output: [UInt8] = []
        guard self.withUnsafeBytes({ deflater.compress($0, into: &output) }) else { return nil }
        return output.count < self.count || deflater.keepsContext ? output : nil
    }
}
