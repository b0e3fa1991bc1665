internal import CPondSys
internal import CPondUring
internal import Glibc

/// Sends for many connections by one system call: io_uring. It belongs to the thread that made it.
final class BatchedSender {
    private static let entries = 256
    private static let pieces = 4096

    /// The calls that a test may let fail.
    struct Calls {
        var submit: (_ ring: OpaquePointer, _ waitFor: UInt32) -> Int32 = pond_uring_submit
        var next: (OpaquePointer, UnsafeMutablePointer<UInt64>, UnsafeMutablePointer<Int32>) -> Int32 = {
            pond_uring_next($0, $1, $2)
        }
    }

    private let ring: OpaquePointer
    private let calls: Calls
    private var states: ContiguousArray<UnsafeMutablePointer<OutboundState>> = []
    private let messages: UnsafeMutablePointer<msghdr>
    private let vectors: UnsafeMutablePointer<iovec>
    private var usedVectors = 0

    /// Nil where the kernel or a sandbox refuses.
    init?(calls: Calls = Calls()) {
        var error: Int32 = 0
        guard let ring = pond_uring_open(UInt32(Self.entries), &error) else { return nil }
        self.ring = ring
        self.calls = calls
        self.messages = .allocate(capacity: Self.entries)
        self.messages.initialize(repeating: msghdr(), count: Self.entries)
        self.vectors = .allocate(capacity: Self.pieces)
        self.states.reserveCapacity(Self.entries)
    }

    deinit {
        pond_uring_close(self.ring)
        self.messages.deallocate()
        self.vectors.deallocate()
    }

    /// Adds what a connection queued; false when there is no room before the next `submit`.
    func add(_ state: UnsafeMutablePointer<OutboundState>, from outbound: Outbound) -> Bool {
        let index = self.states.count
        let descriptor = state.pointee.descriptor
        let only = state.pointee.onlySegment
        let count = only == nil ? outbound.segmentCount(state) : 1
        guard index < Self.entries, self.usedVectors + count <= Self.pieces else { return false }
        let added: Int32
        if let only {
            let bytes = outbound.bytes(only)
            added = pond_uring_send(self.ring, descriptor, bytes.baseAddress, bytes.count, UInt64(index))
        } else {
            let first = self.vectors + self.usedVectors
            var piece = 0
            outbound.forEachSegment(state) { bytes in
                first[piece].iov_base = UnsafeMutableRawPointer(mutating: bytes.baseAddress)
                first[piece].iov_len = bytes.count
                piece += 1
            }
            self.usedVectors += count
            self.messages[index].msg_iov = first
            self.messages[index].msg_iovlen = count
            added = pond_uring_sendmsg(self.ring, descriptor, self.messages + index, UInt64(index))
        }
        guard added == 1 else { return false }
        self.states.append(state)
        return true
    }

    /// The most pieces one connection may have here.
    static var piecesPerConnection: Int { 1024 }

    var isEmpty: Bool { self.states.isEmpty }

    /// Sends everything that was added; false when the ring has failed and is not to be used again.
    ///
    /// `done` gets the number of bytes taken or a negative errno; `notSent` those that the kernel never took. `unknown`
    /// gets those that it took and gave no result for: they may be sent or not, so they must not be sent again.
    func submit(
        done: (UnsafeMutablePointer<OutboundState>, Int) -> Void,
        notSent: (UnsafeMutablePointer<OutboundState>) -> Void,
        unknown: (UnsafeMutablePointer<OutboundState>) -> Void
    ) -> Bool {
        let total = self.states.count
        var waiting = total
        var told = ContiguousArray(repeating: false, count: total)
        var works = true
        while waiting > 0 {
            let submitted = self.calls.submit(self.ring, UInt32(waiting))
            var taken = 0
            var data: UInt64 = 0
            var result: Int32 = 0
            while self.calls.next(self.ring, &data, &result) == 1 {
                let index = Int(data)
                taken += 1
                told[index] = true
                done(self.states[index], Int(result))
            }
            waiting -= taken
            if submitted < 0, taken == 0 {
                works = false
                break
            }
        }
        if !works {
            let taken = total - min(total, Int(pond_uring_unsubmitted(self.ring)))
            for index in told.indices where !told[index] {
                if index < taken { unknown(self.states[index]) } else { notSent(self.states[index]) }
            }
        }
        self.states.removeAll(keepingCapacity: true)
        self.usedVectors = 0
        return works
    }
}
