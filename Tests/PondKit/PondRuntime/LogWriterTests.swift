import Glibc
import PondTesting
import Testing

@testable import PondRuntime

@Suite struct LogWriterTests {
    /// A pipe that holds very little and that nobody reads until a test does.
    private final class Pipe {
        let reader: Int32
        let writer: Int32

        init() throws {
            var ends: [Int32] = [0, 0]
            try #require(pipe(&ends) == 0)
            (self.reader, self.writer) = (ends[0], ends[1])
            // F_SETPIPE_SZ, which the importer drops.
            _ = fcntl(self.writer, 1_031, 4_096)
        }

        deinit {
            close(self.reader)
            close(self.writer)
        }

        /// Reads until the text so far is enough; `nil` at the end of the file.
        func read(until isEnough: (String) -> Bool) -> String? {
            var text: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let decoded = String(decoding: text, as: UTF8.self)
                if isEnough(decoded) { return decoded }
                let count = Glibc.read(self.reader, &buffer, buffer.count)
                guard count > 0 else { return nil }
                text.append(contentsOf: buffer[..<count])
            }
        }
    }

    /// The lines of a log, and the number that it says were dropped.
    private func count(_ text: String) -> (lines: Int, dropped: Int) {
        var (lines, dropped) = (0, 0)
        for line in text.split(separator: "\n") {
            if let number = Int(line.prefix { $0.isNumber }), line.hasSuffix(" dropped") {
                dropped += number
            } else {
                lines += 1
            }
        }
        return (lines, dropped)
    }

    @Test func writesEveryLineInOrder() throws {
        let pipe = try Pipe()
        let log = LogWriter(descriptor: pipe.writer)
        for number in 0..<1_000 { log.write("line \(number)\n") }
        let expected = (0..<1_000).map { "line \($0)\n" }.joined()
        #expect(pipe.read { $0.utf8.count >= expected.utf8.count } == expected)
        #expect(log.flush(within: .seconds(60)))
        #expect(log.droppedLines == 0)
    }

    @Test func neverWaitsForAReaderThatDoesNotRead() throws {
        let pipe = try Pipe()
        let log = LogWriter(descriptor: pipe.writer, maximumLines: 100, note: { "\($0) dropped\n" })
        let padding = String(repeating: "x", count: 1_000)
        for number in 0..<10_000 { log.write("line \(number) \(padding)\n") }
        // The queue, and what the thread took last and the pipe does not take.
        #expect(log.waiting.lines <= 100 + 64)
        #expect(log.droppedLines > 0)
        #expect(!log.flush(within: .milliseconds(1)))
        let text = try #require(
            pipe.read { text in
                guard text.hasSuffix("\n") else { return false }
                let count = self.count(text)
                return count.lines + count.dropped == 10_000
            }
        )
        #expect(self.count(text).dropped == log.droppedLines)
        #expect(log.flush(within: .seconds(60)))
    }

    @Test func boundsTheBytesThatWait() throws {
        let pipe = try Pipe()
        let log = LogWriter(descriptor: pipe.writer, maximumLines: 10_000, maximumBytes: 100_000)
        let line = String(repeating: "x", count: 9_999) + "\n"
        for _ in 0..<1_000 { log.write(line) }
        #expect(log.waiting.bytes <= 100_000)
        #expect(log.droppedLines >= 980)
        // Room for the rest, F_SETPIPE_SZ again: the thread may not write to a descriptor that the next test gets.
        _ = fcntl(pipe.writer, 1_031, 1_048_576)
        #expect(pipe.read { $0.utf8.count >= 10_000 } != nil)
        #expect(log.flush(within: .seconds(60)))
    }

    @Test func writesWhatWaitsAfterTheLogIsReleased() throws {
        let pipe = try Pipe()
        var log: LogWriter? = LogWriter(descriptor: pipe.writer)
        log?.write("last\n")
        log = nil
        #expect(pipe.read { $0.hasSuffix("\n") } == "last\n")
    }
}
