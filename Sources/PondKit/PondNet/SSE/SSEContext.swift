package import PondCore

/// What the event streams of one loop share: their limits, and the last event, written once for all of them.
///
/// It belongs to one loop.
package final class SSEContext {
    let limits: Limits
    let keepalive = SSEEncoder.comment("keepalive")
    private var cached: (frame: Frame, bytes: [UInt8])?

    package init(limits: Limits) { self.limits = limits }

    /// A frame as an event, made once for all who get it one after another.
    func event(_ frame: Frame) -> [UInt8] {
        if let cached = self.cached, cached.frame === frame { return cached.bytes }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(frame.text.count + frame.event.utf8.count + 64)
        let id = frame.position.map(SSEEncoder.id)
        SSEEncoder.append(event: frame.event, data: frame.text, id: id, to: &bytes)
        self.cached = (frame, bytes)
        return bytes
    }
}
