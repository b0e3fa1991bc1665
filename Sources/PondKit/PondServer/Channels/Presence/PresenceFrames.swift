import PondCore

/// Encodes presence changes and lists for the members of a channel.
struct PresenceFrames {
    private let scope: ChannelScope

    init(_ scope: ChannelScope) { self.scope = scope }

    func delta(_ announcement: PresenceAnnouncement) -> Frame {
        var bytes = Array("{\"id\":".utf8)
        JSON.string(announcement.key).write(into: &bytes)
        bytes.append(contentsOf: ",\"changed\":".utf8)
        bytes.append(contentsOf: announcement.text)
        bytes.append(UInt8(ascii: "}"))
        return self.frame(announcement.event, bytes)
    }

    /// A change with the list of all presences as it is now.
    func fullList(_ announcement: PresenceAnnouncement, of state: PresenceState) -> Frame {
        var bytes = Array("{\"presence\":".utf8)
        state.writeList(into: &bytes)
        bytes.append(contentsOf: ",\"changed\":".utf8)
        bytes.append(contentsOf: announcement.text)
        bytes.append(UInt8(ascii: "}"))
        return self.frame(announcement.event, bytes)
    }

    func fullList(_ event: PresenceEvent, _ entry: PresenceState.Entry, of state: PresenceState) -> Frame {
        self.fullList(PresenceAnnouncement(event: event, key: entry.key, text: entry.text), of: state)
    }

    /// The full list that opens a subscription to changes.
    func snapshot(of state: PresenceState) -> Frame {
        var bytes = Array("{\"presence\":[".utf8)
        var first = true
        for entry in state.entries {
            if !first { bytes.append(UInt8(ascii: ",")) }
            first = false
            bytes.append(contentsOf: "{\"id\":".utf8)
            JSON.string(entry.key).write(into: &bytes)
            bytes.append(contentsOf: ",\"presence\":".utf8)
            bytes.append(contentsOf: entry.text)
            bytes.append(UInt8(ascii: "}"))
        }
        bytes.append(contentsOf: "]}".utf8)
        return self.frame(.state, bytes)
    }

    private func frame(_ event: PresenceEvent, _ payload: [UInt8]) -> Frame {
        ServerMessage(
            action: .presence,
            event: event.rawValue,
            channelName: self.scope.name,
            requestId: self.scope.home.requestIds.next(),
            payload: Payload(validated: payload)
        ).frame()
    }
}
