import Glibc
import Testing

@testable import PondNet
@testable import PondRuntime

@Suite struct PollerTests {
    private final class Target: Pollable {
        var count = 0
        var whenReady: () -> Void = {}

        func pollReady(_ events: PollEvents) {
            self.count += 1
            self.whenReady()
        }

        func pollStopped() {}
    }

    private func pipe() throws -> (read: Int32, write: Int32) {
        var ends: [Int32] = [0, 0]
        _ = try System.check(Glibc.pipe(&ends))
        return (ends[0], ends[1])
    }

    /// Two descriptors are ready; whoever hears first closes the other, and its number is given to a third.
    @Test func anEventForADescriptorThatWasReusedIsDropped() throws {
        let poller = try Poller()
        let pipes = [try self.pipe(), try self.pipe()]
        let targets = [Target(), Target()]
        let third = Target()
        var reused: Int32 = -1
        for index in 0..<2 {
            try poller.add(pipes[index].read, for: .readable, targets[index])
            write(pipes[index].write, "x", 1)
            let other = pipes[1 - index].read
            targets[index].whenReady = {
                poller.remove(other, closing: false)
                System.close(other)
                // A pipe's other end never becomes readable, so an event for the third can only be the stale one.
                reused = (try? System.duplicate(pipes[index].write)) ?? -1
                try? poller.add(reused, for: .readable, third)
            }
        }
        let count = poller.wait(milliseconds: 1000)
        #expect(count == 2)
        let delivered = poller.deliver(count)
        #expect(delivered)
        #expect(targets[0].count + targets[1].count == 1)
        #expect(third.count == 0)
        for pipe in pipes { System.close(pipe.write) }
        System.close(reused)
        for target in targets { target.whenReady = {} }
    }

    @Test func aWakeUpEndsTheWaitAndIsNoEvent() throws {
        let poller = try Poller()
        poller.wake()
        let count = poller.wait(milliseconds: 10_000)
        #expect(count == 1)
        let delivered = poller.deliver(count)
        #expect(!delivered)
        // It was one event, not a state that lasts.
        #expect(poller.wait(milliseconds: 0) == 0)
    }
}
