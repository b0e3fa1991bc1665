import PondChat
import PondKit
import Testing

@testable import pond_server

@Suite struct LogTests {
    private let time = ChatTime(milliseconds: 1_709_210_096_007)

    @Test(
        "Times are written in the calendar",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (1_709_210_096_007, "2024-02-29T12:34:56.007Z"),
            (946_684_799_999, "1999-12-31T23:59:59.999Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
        ]
    )
    func timestamps(_ milliseconds: Int64, _ expected: String) {
        #expect(LogLine.timestamp(ChatTime(milliseconds: milliseconds)) == expected)
    }

    @Test("A text line is one line, whatever a peer had a hand in")
    func text() {
        let line = LogLine.format(
            .text,
            at: self.time,
            .warning,
            "hello\nworld\u{1B}[2J\u{202E}",
            [("name", "bob"), ("odd", "a b\n\u{1B}\"="), ("count", 3), ("empty", "")]
        )
        #expect(
            line == "2024-02-29T12:34:56.007Z WARNING hello\u{FFFD}world\u{FFFD}[2J\u{FFFD} "
                + #"name=bob odd="a b\n\u001b\"=" count=3 empty="""# + "\n"
        )
    }

    @Test("A JSON line is one JSON object")
    func json() throws {
        let line = LogLine.format(.json, at: self.time, .error, "a\nb", [("user", "x\ny"), ("n", 1)])
        #expect(line.utf8.count { $0 == UInt8(ascii: "\n") } == 1)
        let json = try JSON(parsing: line)
        #expect(json["level"] == "error" && json["message"] == "a\nb" && json["user"] == "x\ny" && json["n"] == 1)
    }

    @Test func samplesAlikeLinesAndCountsTheOthers() {
        var sampler = LogSampler(limit: 3, interval: .seconds(60))
        let start = MonotonicTime.zero
        let admitted = (0..<100).filter { _ in sampler.admit(now: start) }
        #expect(admitted == [0, 1, 2])
        #expect(sampler.takeSkipped(now: start + .seconds(59)) == nil)
        #expect(sampler.takeSkipped(now: start + .seconds(60)) == 97)
        #expect(sampler.takeSkipped(now: start + .seconds(60)) == nil)
        #expect(sampler.admit(now: start + .seconds(60)) == true)
    }

    @Test("What is less important than the level is not written, and the level can change")
    func levels() {
        let lines = Lock<[String]>([])
        let log = ServerLog(level: .warning, format: .text) { line in lines.withLock { $0.append(line) } }
        log.info("quiet")
        log.warning("loud")
        log.change(level: .debug, format: .json)
        log.debug("detail")
        let written = lines.withLock { $0 }
        #expect(written.count == 2)
        #expect(written[0].contains("loud") && written[1].contains("\"detail\""))
    }
}
