import CPondHeap
import Glibc
import PondKit

/// Decides when memory that a burst left unused goes back to the kernel. Pure; `Heap` measures and acts.
///
/// The allocator keeps freed memory for later, so the process stays as large as it ever was unless it is told to let go.
struct MemoryTrimmer: Sendable {
    /// The unused memory that is worth the work.
    static let threshold = 32 << 20
    private static let shortest: Duration = .seconds(10)
    private static let longest: Duration = .seconds(600)

    /// The time until the next attempt may come; longer after each one that gave little.
    private var interval = Self.shortest
    private var last: MonotonicTime?

    /// Whether to give memory back now, with `resident` bytes in memory of which `used` are allocated.
    mutating func isDue(resident: Int, used: Int, now: MonotonicTime) -> Bool {
        if let last = self.last, now - last < self.interval { return false }
        guard resident - used >= Self.threshold else { return false }
        self.last = now
        return true
    }

    /// An attempt gave so many bytes back.
    mutating func gave(_ bytes: Int) {
        self.interval = bytes >= Self.threshold / 4 ? Self.shortest : min(self.interval * 2, Self.longest)
    }

    /// The memory of this process.
    enum Heap {
        /// The bytes that are allocated.
        static var used: Int { Int(clamping: pond_heap_used()) }

        /// The bytes that are in memory; 0 where the kernel does not say.
        static var resident: Int {
            guard let file = fopen("/proc/self/statm", "re") else { return 0 }
            defer { fclose(file) }
            var line = [CChar](repeating: 0, count: 128)
            guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
            let fields = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
                .split(separator: " ")
            guard fields.count > 1, let pages = Int(fields[1]) else { return 0 }
            let bytes = pages.multipliedReportingOverflow(by: Int(getpagesize()))
            return bytes.overflow ? 0 : bytes.partialValue
        }

        /// Gives unused memory back; the bytes by which the process became smaller.
        static func trim() -> Int {
            let before = Self.resident
            pond_heap_trim()
            return max(0, before - Self.resident)
        }
    }
}
