/// Writing a message whose names need no escapes straight into place.
extension ServerMessage {
    /// The size of the JSON text; `nil` where a name has to be escaped, or there is a number.
    package var plainCount: Int? {
        guard self.offset == nil, let event = JSONPlainText.count(of: self.event),
            let channel = JSONPlainText.count(of: self.channelName),
            let request = JSONPlainText.count(of: self.requestId)
        else { return nil }
        let fixed = self.action.opening.utf8CodeUnitCount &+ Self.fixedCount
        return fixed &+ event &+ channel &+ request &+ self.payload.bytes.count
    }

    private static let fixedCount = #","channelName":,"requestId":,"payload":}"#.utf8.count

    /// Writes the JSON text into place, which has room for `plainCount` bytes.
    package func writePlain(to space: UnsafeMutableRawPointer) {
        var place = JSONPlainText.write(json: self.action.opening, to: space)
        place = JSONPlainText.write(self.event, to: place)
        place = JSONPlainText.write(json: #","channelName":"#, to: place)
        place = JSONPlainText.write(self.channelName, to: place)
        place = JSONPlainText.write(json: #","requestId":"#, to: place)
        place = JSONPlainText.write(self.requestId, to: place)
        place = JSONPlainText.write(json: #","payload":"#, to: place)
        self.payload.bytes.withUnsafeBytes { bytes in
            if let start = bytes.baseAddress { place.copyMemory(from: start, byteCount: bytes.count) }
            place.storeBytes(of: 0x7D, toByteOffset: bytes.count, as: UInt8.self)
        }
    }
}

extension ServerAction {
    /// What a message with this action begins with, up to the event.
    fileprivate var opening: StaticString {
        switch self {
        case .presence: #"{"action":"PRESENCE","event":"#
        case .system: #"{"action":"SYSTEM","event":"#
        case .broadcast: #"{"action":"BROADCAST","event":"#
        case .error: #"{"action":"ERROR","event":"#
        case .connect: #"{"action":"CONNECT","event":"#
        }
    }
}
