extension ClientMessage {
    /// The message of one JSON document.
    public init(parsing bytes: UnsafeRawBufferPointer, limits: Limits = .default) throws(MessageFault) {
        let scanned = try MessageScanner.scan(bytes, from: .client, limits: limits)
        self.init(
            action: scanned.clientAction ?? .broadcast,
            event: ScannedMessage.string(scanned.event, in: bytes),
            channelName: ScannedMessage.string(scanned.channelName, in: bytes),
            requestId: ScannedMessage.string(scanned.requestId, in: bytes),
            payload: scanned.payload(in: bytes),
            wantsAcknowledgement: scanned.wantsAcknowledgement,
            recover: scanned.recover(in: bytes),
            wantsPresenceDeltas: scanned.wantsPresenceDeltas
        )
    }

    /// The JSON text of this message, compact, in the order of the protocol.
    public func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(
            160 + self.event.utf8.count + self.channelName.utf8.count + self.requestId.utf8.count
                + self.payload.bytes.count
        )
        bytes.append(
            envelope: self.action.rawValue,
            event: self.event,
            channelName: self.channelName,
            requestId: self.requestId
        )
        if self.wantsAcknowledgement { bytes.append(json: #","ack":true"#) }
        if let recover = self.recover {
            bytes.append(json: #","recover":{"epoch":"#)
            bytes.append(jsonString: recover.epoch)
            bytes.append(json: #","offset":"#)
            bytes.append(jsonNumber: recover.offset)
            bytes.append(0x7D)
        }
        if self.wantsPresenceDeltas { bytes.append(json: #","presence":"delta""#) }
        bytes.append(json: #","payload":"#)
        bytes.append(contentsOf: self.payload.bytes)
        bytes.append(0x7D)
        return bytes
    }
}
