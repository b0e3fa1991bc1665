internal import Glibc
import PondCore
internal import Synchronization

/// Writes log lines to a file descriptor from a thread of its own, so that a reader that stops reading blocks no caller.
///
/// At most `maximumLines` lines and `maximumBytes` bytes wait. A line beyond that is dropped and counted; the number is
/// written as a line of its own as soon as the descriptor takes lines again.
package final class LogWriter: Sendable {
    /// The writer of the process's standard error.
    package static let standardError = LogWriter(descriptor: 2)

    private struct Line: Sendable {
        var text: String
        /// Lines dropped between the previous line and this one.
        var droppedBefore: Int
    }

    /// Shared with the thread, which outlives the writer until everything that waits is written.
    private final class Shared: Sendable {
        let descriptor: Int32
        let queue: BlockingQueue<Line>
        let note: @Sendable (_ dropped: Int) -> String
        /// Lines and bytes that were taken and are not written yet.
        let lines = Atomic<Int>(0)
        let bytes = Atomic<Int>(0)
        /// Lines dropped since the last one that was taken.
        let dropped = Atomic<Int>(0)
        let totalDropped = Atomic<Int>(0)

        init(_ descriptor: Int32, _ maximumLines: Int, _ note: @escaping @Sendable (Int) -> String) {
            self.descriptor = descriptor
            self.queue = BlockingQueue(capacity: maximumLines)
            self.note = note
        }
    }

    private static func note(_ dropped: Int) -> String {
        "pond warning: \(dropped) log lines dropped: standard error is not read fast enough\n"
    }

    private enum ThreadState {
        /// No line was written yet. Can become `running` or `failed`.
        case none
        /// The thread takes lines until the writer is released.
        case running
        /// The system has no thread to give: every line is dropped. Can become `running`.
        case failed
    }

    private let shared: Shared
    private let thread = Lock(ThreadState.none)
    private let maximumBytes: Int

    /// A writer to `descriptor`, which stays open; `note` makes the line that tells how many lines were dropped.
    package init(
        descriptor: Int32,
        maximumLines: Int = 4_096,
        maximumBytes: Int = 1024 * 1024,
        note: @escaping @Sendable (_ dropped: Int) -> String = LogWriter.note
    ) {
        self.shared = Shared(descriptor, max(1, maximumLines), note)
        self.maximumBytes = max(1, maximumBytes)
    }

    deinit { self.shared.queue.close() }

    /// The number of lines dropped so far.
    package var droppedLines: Int { self.shared.totalDropped.load(ordering: .relaxed) }

    /// Lines and bytes that wait or are being written.
    package var waiting: (lines: Int, bytes: Int) {
        (self.shared.lines.load(ordering: .relaxed), self.shared.bytes.load(ordering: .relaxed))
    }

    /// Hands over a line, which ends with a line feed; never waits for the descriptor.
    package func write(_ text: String) {
        let size = text.utf8.count
        let shared = self.shared
        shared.lines.wrappingAdd(1, ordering: .relaxed)
        let bytes = shared.bytes.wrappingAdd(size, ordering: .relaxed).newValue
        let dropped = shared.dropped.exchange(0, ordering: .relaxed)
        if bytes <= self.maximumBytes, self.isRunning,
            case .taken = shared.queue.push(Line(text: text, droppedBefore: dropped))
        {
            return
        }
        shared.lines.wrappingSubtract(1, ordering: .relaxed)
        shared.bytes.wrappingSubtract(size, ordering: .relaxed)
        shared.dropped.wrappingAdd(dropped + 1, ordering: .relaxed)
        shared.totalDropped.wrappingAdd(1, ordering: .relaxed)
    }

    /// Waits until every line is written, for at most `time`; false when the descriptor does not take them.
    package func flush(within time: Duration) -> Bool {
        let clock = SystemClock()
        let end = clock.now() + time
        while self.shared.lines.load(ordering: .acquiring) > 0 || self.shared.dropped.load(ordering: .acquiring) > 0 {
            guard clock.now() < end else { return false }
            // A line dropped after the thread looked last is told by the next line.
            if self.shared.lines.load(ordering: .acquiring) == 0 { self.write("") }
            usleep(1_000)
        }
        return true
    }

    private var isRunning: Bool {
        self.thread.withLock { state in
            if case .running = state { return true }
            let shared = self.shared
            let started = WorkerThread.start(named: "pond-log") { Self.run(shared) }
            state = started ? .running : .failed
            return started
        }
    }

    private static func run(_ shared: Shared) {
        while let lines = shared.queue.take(upTo: 64) {
            var text: [UInt8] = []
            for line in lines {
                if line.droppedBefore > 0 { text.append(contentsOf: shared.note(line.droppedBefore).utf8) }
                text.append(contentsOf: line.text.utf8)
            }
            Self.write(text, to: shared.descriptor)
            shared.bytes.wrappingSubtract(lines.reduce(0) { $0 + $1.text.utf8.count }, ordering: .relaxed)
            // Room again: lines dropped meanwhile are told without waiting for the next line.
            let dropped = shared.dropped.exchange(0, ordering: .relaxed)
            if dropped > 0 { Self.write(Array(shared.note(dropped).utf8), to: shared.descriptor) }
            shared.lines.wrappingSubtract(lines.count, ordering: .releasing)
        }
    }

    /// Writes all bytes, or stops when the descriptor is closed or broken.
    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        bytes.withUnsafeBytes { buffer in
            var offset = 0
            while offset < buffer.count {
                let count = Glibc.write(descriptor, buffer.baseAddress?.advanced(by: offset), buffer.count - offset)
                if count > 0 {
                    offset += count
                    continue
                }
                switch errno {
                case EINTR: continue
                case EAGAIN:
                    // Somebody else made the descriptor non-blocking, as a shell may.
                    var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    _ = Glibc.poll(&poll, 1, 1_000)
                default: return
                }
            }
        }
    }
}
