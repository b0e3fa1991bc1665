/// A moment on the server's calendar clock, in milliseconds since 1970; a bare number on the wire.
public struct ChatTime: Sendable, Hashable, Comparable {
    /// Milliseconds since 1970-01-01 00:00 UTC.
    public var milliseconds: Int64

    /// The moment so many milliseconds after 1970 began.
    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    public static func < (left: ChatTime, right: ChatTime) -> Bool { left.milliseconds < right.milliseconds }

    /// The moment so much later.
    public static func + (time: ChatTime, duration: Duration) -> ChatTime {
        let added = PeerNumber.allMilliseconds(of: duration)
        let (sum, overflow) = time.milliseconds.addingReportingOverflow(added)
        return ChatTime(milliseconds: overflow ? (added < 0 ? .min : .max) : sum)
    }

    /// How long after `earlier` this is, negative when it is before.
    public func since(_ earlier: ChatTime) -> Duration {
        let (difference, overflow) = self.milliseconds.subtractingReportingOverflow(earlier.milliseconds)
        return .milliseconds(overflow ? (self < earlier ? .min / 1_000_000 : .max / 1_000_000) : difference)
    }
}

extension ChatTime: Codable {
    public init(from decoder: any Decoder) throws {
        self.init(milliseconds: try decoder.singleValueContainer().decode(Int64.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(self.milliseconds)
    }
}
