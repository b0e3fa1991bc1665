/// One frame on its way to many connections of one loop, as each WebSocket that compresses nothing gets it.
struct FanOut {
    private let frame: Frame
    private let size: Int
    private let outbound: Outbound

    /// Call on the loop, and use it before anything else happens there.
    init(_ frame: Frame, on loop: EventLoop) {
        self.frame = frame
        self.size = frame.text.count
        self.outbound = loop.outbound
    }

    /// Queues the frame; false where the connection must be asked.
    @inline(__always)
    func send(to lane: OutboundLane) -> Bool {
        guard self.outbound.takes(self.size, lane) else { return false }
        let maximum = self.size + WebSocketFrameEncoder.maximumHeaderBytes
        let range = self.outbound.put(sharedBy: self.frame, variant: 0, maximum: maximum) {
            WebSocketFrameEncoder.write(.text, self.frame.text, to: $0)
        }
        self.outbound.append(range, to: lane)
        return true
    }
}
