package import PondCore
package import PondServer

extension StoredBroadcast {
    /// A broadcast of which only the number matters, and perhaps the size.
    package static func number(_ offset: UInt64, bytes: Int = 2) -> StoredBroadcast {
        StoredBroadcast(
            offset: offset,
            event: "e",
            requestId: "r",
            recipients: .all,
            payload: Payload(validated: [UInt8](repeating: 0x20, count: bytes - 2) + [0x7B, 0x7D])
        )
    }
}

extension RecoveryDecision {
    /// The numbers of what can be had; `nil` for nothing.
    package var offsets: [UInt64]? {
        guard case .whole(let broadcasts) = self else { return nil }
        return broadcasts.map(\.offset)
    }
}

extension MonotonicTime {
    package static func seconds(_ seconds: UInt64) -> MonotonicTime {
        MonotonicTime(nanoseconds: seconds * 1_000_000_000)
    }
}
