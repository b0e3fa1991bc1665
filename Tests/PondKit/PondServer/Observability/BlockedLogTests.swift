import Glibc
import PondKit
import PondTesting
import Testing

@Suite struct BlockedLogTests {
    @Test func answersEveryClientWhileNobodyReadsTheLog() throws {
        struct Fault: Error {}
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        let (reader, writer) = (ends[0], ends[1])
        // Closing the reader lets the log's thread end.
        defer { close(reader) }
        // F_SETPIPE_SZ, which the importer drops.
        _ = fcntl(writer, 1_031, 4_096)
        signal(SIGPIPE, SIG_IGN)
        let log = LogWriter(descriptor: writer, maximumLines: 100)
        let pond = try TracedApplication.make { $0.log = StandardErrorLog(from: .debug, writer: log) }
        let lobby = try pond.createEndpoint("/faulty") { $0.accept() }.createChannel("/*") { $0.accept() }
        try lobby.onMessage("fail") { _ in throw Fault() }
        let attacker = try pond.test.connect("/faulty")
        let other = try pond.test.connect("/socket")
        attacker.join("/a")
        other.join("/bench/1")
        for _ in 0..<2_000 { attacker.send("/a", "fail") }
        #expect(attacker.receiveAll().count == 2_001)
        let id = other.send("/bench/1", "echo")
        #expect(other.receiveAll().last?.requestId == id)
        #expect(log.droppedLines > 0)
    }
}
