/// One message encoded once, for any number of connections.
public final class Frame: Sendable {
    /// The JSON text, UTF-8.
    public let text: [UInt8]
    /// The event's name, which SSE repeats outside the JSON.
    public let event: String
    /// Where the message stands in its channel's history; SSE's `id:` line.
    public let position: StreamPosition?
    /// Whether only members that receive the channel now get it; others get it when they have joined again.
    package let isForHearers: Bool

    public init(text: [UInt8], event: String, position: StreamPosition? = nil) {
        self.text = text
        self.event = event
        self.position = position
        self.isForHearers = position != nil
    }

    /// A broadcast at its place.
    init(text: [UInt8], event: String, at place: BroadcastPlace) {
        self.text = text
        self.event = event
        self.position = place.position
        self.isForHearers = place != .none
    }
}
