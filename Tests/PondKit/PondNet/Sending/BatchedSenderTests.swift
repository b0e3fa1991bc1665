internal import CPondUring
import Glibc
import Testing

@testable import PondNet

@Suite struct BatchedSenderTests {
    /// What a submission told about each connection, by its place in the batch.
    private struct Told {
        var done: [Int] = []
        var notSent: [Int] = []
        var unknown: [Int] = []
    }

    /// Queues one byte for each of some connections and submits it through a ring with these calls.
    private func submit(_ count: Int, _ calls: BatchedSender.Calls) throws -> (Told, works: Bool, received: [Int])? {
        guard let sender = BatchedSender(calls: calls) else {
            print("skipped: io_uring is not available here")
            return nil
        }
        let outbound = Outbound(batched: false)
        var readers: [Int32] = []
        var states: [UnsafeMutablePointer<OutboundState>] = []
        for index in 0..<count {
            var pair: [Int32] = [0, 0]
            try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
            readers.append(pair[1])
            let state = outbound.makeState(descriptor: pair[0])
            states.append(state)
            let range = outbound.put(maximum: 1) { space in
                space[0] = UInt8(index)
                return 1
            }
            outbound.append(range, to: state)
            #expect(sender.add(state, from: outbound))
        }
        var told = Told()
        let place = { (state: UnsafeMutablePointer<OutboundState>) in states.firstIndex(of: state) ?? -1 }
        let works = sender.submit(
            done: { state, _ in told.done.append(place(state)) },
            notSent: { told.notSent.append(place($0)) },
            unknown: { told.unknown.append(place($0)) }
        )
        var received: [Int] = []
        for (index, reader) in readers.enumerated() {
            var byte: UInt8 = 0
            // MSG_DONTWAIT, which the importer has as another type.
            if recv(reader, &byte, 1, 0x40) == 1 { received.append(index) }
            close(reader)
            close(states[index].pointee.descriptor)
            outbound.removeState(states[index])
        }
        return (told, works, received)
    }

    @Test func tellsTheResultOfEveryConnection() throws {
        guard let (told, works, received) = try self.submit(5, BatchedSender.Calls()) else { return }
        #expect(works && told.done.sorted() == [0, 1, 2, 3, 4])
        #expect(told.notSent.isEmpty && told.unknown.isEmpty && received == [0, 1, 2, 3, 4])
    }

    @Test func sendsAgainWhatTheKernelNeverTook() throws {
        var calls = BatchedSender.Calls()
        calls.submit = { _, _ in -EBADF }
        guard let (told, works, received) = try self.submit(5, calls) else { return }
        #expect(!works && told.notSent == [0, 1, 2, 3, 4])
        #expect(told.done.isEmpty && told.unknown.isEmpty && received.isEmpty)
    }

    @Test func neverSendsAgainWhatTheKernelTookWithoutAResult() throws {
        var calls = BatchedSender.Calls()
        calls.submit = { ring, _ in
            _ = pond_uring_submit(ring, 0)
            return -EIO
        }
        calls.next = { _, _, _ in 0 }
        guard let (told, works, received) = try self.submit(5, calls) else { return }
        #expect(!works && told.unknown == [0, 1, 2, 3, 4])
        #expect(told.done.isEmpty && told.notSent.isEmpty && received == [0, 1, 2, 3, 4])
    }
}
