import PondTesting
import Testing

@testable import PondNet
@testable import PondRuntime

@Suite struct OutboundTests {
    private func channel(on loop: EventLoop) -> ByteChannel {
        ByteChannel(descriptor: -1, remoteAddress: SocketAddress(.unnamed), loop: loop)
    }

    private func segments(_ lane: OutboundLane, of outbound: Outbound) -> [[UInt8]] {
        var found: [[UInt8]] = []
        outbound.forEachSegment(lane.state) { found.append(Array($0)) }
        return found
    }

    /// One cache line, which is why it has a memory of its own.
    @Test func aStateIsNotLargerThanALineOfTheCache() {
        #expect(MemoryLayout<OutboundState>.stride <= 64)
    }

    /// Ranges that touch become one; those beyond the inline ones are kept in order, for each channel by itself.
    @Test(arguments: [1, 2, 3, 4, 5, 9, 40])
    func rangesThatTouchAreMergedAndOthersKeptInOrder(pieces: Int) {
        let loop = EventLoop(name: "test")
        let channels = [self.channel(on: loop), self.channel(on: loop), self.channel(on: loop)]
        let outbound = Outbound.of(loop)
        var expected: [[[UInt8]]] = [[], [], []]
        for piece in 0..<pieces {
            for (index, channel) in channels.enumerated() where index != 2 || piece % 2 == 0 {
                let halves = [UInt8(piece), UInt8(index)].map { Array(repeating: $0, count: 5 + piece) }
                for half in halves {
                    let range = outbound.put(maximum: half.count) { space in
                        space.copyBytes(from: half)
                        return half.count
                    }
                    outbound.append(range, to: channel.lane)
                }
                expected[index].append(halves[0] + halves[1])
            }
        }
        for (channel, expected) in zip(channels, expected) {
            #expect(self.segments(channel.lane, of: outbound) == expected)
            #expect(outbound.segmentCount(channel.lane.state) == expected.count)
            #expect(channel.queuedBytes == expected.map(\.count).reduce(0, +))
            #expect(outbound.inOnePiece(channel.lane.state).map(Array.init) == expected.flatMap(\.self))
        }
    }

    /// Members of the same channels have the same segments, and are sent the same piece of memory; others are not.
    @Test func channelsWithTheSameSegmentsShareOnePiece() {
        let loop = EventLoop(name: "test")
        let (first, second, other) = (self.channel(on: loop), self.channel(on: loop), self.channel(on: loop))
        let outbound = Outbound.of(loop)
        for piece in 0..<10 {
            let range = outbound.put(maximum: 4) { space in
                space.storeBytes(of: UInt32(piece), as: UInt32.self)
                return 4
            }
            _ = outbound.put(maximum: 1) { _ in 1 }
            outbound.append(range, to: first.lane)
            outbound.append(range, to: second.lane)
            if piece != 7 { outbound.append(range, to: other.lane) }
        }
        let bytes = outbound.inOnePiece(first.lane.state).map(Array.init)
        #expect(outbound.inOnePiece(second.lane.state).map(Array.init) == bytes)
        #expect(outbound.inOnePiece(other.lane.state)?.count == 36)
        #expect(outbound.inOnePiece(second.lane.state).map(Array.init) == bytes)
    }

    /// A lane takes what its owner allowed, and nothing once the channel ends.
    @Test func aLaneTakesWhatItsOwnerAllowsUntilTheEnd() {
        let loop = EventLoop(name: "test")
        let channel = self.channel(on: loop)
        let outbound = Outbound.of(loop)
        #expect(!outbound.takes(1, channel.lane))
        channel.takeShared(below: 100, bound: 1000)
        #expect(outbound.takes(99, channel.lane))
        #expect(!outbound.takes(100, channel.lane))
        channel.takeShared(below: nil, bound: 1000)
        #expect(outbound.takes(1000, channel.lane))
        #expect(!outbound.takes(1001, channel.lane))
        channel.write(Array(repeating: 1, count: 600))
        #expect(outbound.takes(400, channel.lane))
        #expect(!outbound.takes(401, channel.lane))
        channel.refuseShared()
        #expect(!outbound.takes(1, channel.lane))
        channel.takeShared(below: nil, bound: 1000)
        channel.abort()
        #expect(!outbound.takes(1, channel.lane))
        channel.takeShared(below: nil, bound: 1000)
        #expect(!outbound.takes(1, channel.lane))
        // Tells the end, for which the loop keeps the channel.
        outbound.flush()
    }

    /// A channel that nobody keeps takes its place in the list of the turn along.
    @Test func aChannelThatIsLetGoOfWithBytesQueuedIsNotWritten() {
        let loop = EventLoop(name: "test")
        for _ in 0..<200 {
            let channel = self.channel(on: loop)
            channel.write([1, 2, 3])
        }
        #expect(!Outbound.of(loop).hasWork)
        Outbound.of(loop).flush()
    }

    @Test func bytesSharedByAnObjectArePutOncePerTurnAndVariant() {
        final class Key {}
        let outbound = Outbound(batched: false)
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
        let queue = ByteQueue()
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
