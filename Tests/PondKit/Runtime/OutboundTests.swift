import Testing

@testable import PondKit

@Suite struct OutboundTests {
    /// Ranges that touch become one; those beyond the inline ones are kept in order.
    @Test(arguments: [1, 2, 4, 5, 9])
    func rangesThatTouchAreMergedAndOthersKeptInOrder(gaps: Int) {
        let loop = EventLoop(name: "test")
        let channel = ByteChannel(descriptor: -1, remoteAddress: SocketAddress(.unnamed), loop: loop)
        var state = OutboundState(Unmanaged.passUnretained(channel))
        var expected: [(UInt32, UInt32)] = []
        for gap in 0..<gaps {
            let start = UInt32(gap * 100)
            state.append(OutboundRange(offset: start, count: 10))
            state.append(OutboundRange(offset: start + 10, count: 5))
            expected.append((start, 15))
        }
        #expect(state.segmentCount == gaps)
        #expect(state.segmentBytes == gaps * 15)
        for (index, (offset, count)) in expected.enumerated() {
            #expect(state.segment(index).offset == offset)
            #expect(state.segment(index).count == count)
        }
        state.removeSegments()
        #expect(state.segmentCount == 0)
        #expect(state.queuedBytes == 0)
    }

    @Test func bytesSharedByAnObjectArePutOncePerTurnAndVariant() {
        final class Key {}
        let outbound = Outbound()
        let keys = [Key(), Key()]
        var fills = 0
        func put(_ key: Key, _ variant: Int) -> OutboundRange {
            outbound.put(sharedBy: key, variant: variant, maximum: 4) { space in
                fills += 1
                space.storeBytes(of: UInt32(fills), as: UInt32.self)
                return 4
            }
        }
        let first = put(keys[0], 0)
        #expect(put(keys[0], 0).offset == first.offset)
        #expect(fills == 1)
        #expect(put(keys[1], 0).offset != first.offset)
        #expect(put(keys[1], 1).offset != first.offset)
        #expect(fills == 3)
        outbound.flush()
        _ = put(keys[1], 1)
        #expect(fills == 4)
    }

    @Test func theQueueGivesBackWhatWasPutInHoweverItIsTaken() {
        var queue = ByteQueue()
        var expected: [UInt8] = []
        var taken: [UInt8] = []
        var random = SeededRandom(seed: 7)
        for _ in 0..<2000 {
            let more = (0..<Int.random(in: 0..<500, using: &random)).map { UInt8(truncatingIfNeeded: $0) }
            more.withUnsafeBytes { queue.append($0) }
            expected += more
            let count = min(Int.random(in: 0..<500, using: &random), queue.count)
            queue.withBytes { taken += $0[..<count] }
            queue.removeFirst(count)
        }
        queue.withBytes { taken += $0 }
        queue.removeFirst(queue.count)
        #expect(taken == expected)
        #expect(queue.isEmpty)
    }
}
