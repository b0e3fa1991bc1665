package import PondCore
package import PondRuntime

/// One frame on its way to many connections of one loop. Here, and not with whoever knows the connections, stands the
/// loop that runs once per delivery: what it touches of a connection is its lane.
package enum FanOut {
    /// Queues a frame in each lane but one, and calls `ask` with the index of each connection that must be asked: one
    /// without a lane, or whose lane has no room.
    package static func send(
        _ frame: Frame,
        to lanes: ContiguousArray<OutboundLane?>,
        except excluded: Int,
        on loop: EventLoop,
        ask: (Int) -> Void
    ) {
        let outbound = Outbound.of(loop)
        let size = frame.text.count
        let maximum = size + WebSocketFrameEncoder.maximumHeaderBytes
        for index in lanes.indices where index != excluded {
            guard let lane = lanes[index], outbound.takes(size, lane) else {
                ask(index)
                continue
            }
            let range = outbound.put(sharedBy: frame, variant: 0, maximum: maximum) {
                WebSocketFrameEncoder.write(.text, frame.text, to: $0)
            }
            outbound.append(range, to: lane)
        }
    }
}
