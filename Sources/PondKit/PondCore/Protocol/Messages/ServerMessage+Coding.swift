extension ServerMessage {
    /// The message of one JSON document.
    public init(parsing bytes: UnsafeRawBufferPointer, limits: Limits = .default) throws(MessageFault) {
        let scanned = try MessageScanner.scan(bytes, from: .server, limits: limits)
        self.init(
            action: scanned.serverAction ?? .system,
            event: ScannedMessage.string(scanned.event, in: bytes),
            channelName: ScannedMessage.string(scanned.channelName, in: bytes),
            requestId: ScannedMessage.string(scanned.requestId, in: bytes),
            offset: scanned.offset,
            payload: scanned.payload(in: bytes)
        )
    }

    /// The JSON text of this message, compact, in the order of the protocol.
    public func encoded() -> [UInt8] {
        if let plain = self.plainCount {
            return [UInt8](unsafeUninitializedCapacity: plain) { space, count in
                if let start = space.baseAddress { self.writePlain(to: UnsafeMutableRawPointer(start)) }
                count = plain
            }
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(
            128 + self.event.utf8.count + self.channelName.utf8.count + self.requestId.utf8.count
                + self.payload.bytes.count
        )
        bytes.append(
            envelope: self.action.rawValue,
            event: self.event,
            channelName: self.channelName,
            requestId: self.requestId
        )
        if let offset = self.offset {
            bytes.append(json: #","offset":"#)
            bytes.append(jsonNumber: offset)
        }
        bytes.append(json: #","payload":"#)
        bytes.append(contentsOf: self.payload.bytes)
        bytes.append(0x7D)
        return bytes
    }

    /// This message encoded once, ready for any number of connections.
    public func frame(position: StreamPosition? = nil) -> Frame {
        Frame(text: self.encoded(), event: self.event, position: position)
    }

    /// This message as a broadcast at its place.
    package func frame(at place: BroadcastPlace) -> Frame { Frame(text: self.encoded(), event: self.event, at: place) }
}
