import Testing

@testable import PondCore
@testable import PondRedis

@Suite struct RedisCommandQueueTests {
    private static let script = RedisScript("return 1")

    private func command(_ name: String, script: RedisScript? = nil) -> RedisCommandQueue.Command {
        RedisCommandQueue.Command(bytes: Array(name.utf8), script: script) { _ in }
    }

    private func queue(_ names: String..., maximum: Int = 100) -> RedisCommandQueue {
        var queue = RedisCommandQueue(maximumCommands: maximum, maximumBytes: 1_000)
        for name in names { _ = queue.add(self.command(name)) }
        return queue
    }

    private func sent(_ queue: inout RedisCommandQueue) -> [String] {
        var sent: [String] = []
        while let bytes = queue.next() { sent.append(String(decoding: bytes, as: UTF8.self)) }
        return sent
    }

    @Test func commandsAreSentInOrderAndAgainInOrderWhenTheConnectionIsLost() {
        var queue = self.queue("a", "b", "c")
        #expect(self.sent(&queue) == ["a", "b", "c"])
        guard case .done = queue.answered(.integer(1)) else { return #expect(Bool(false)) }
        _ = queue.add(self.command("d"))
        queue.cut()
        #expect(self.sent(&queue) == ["b", "c", "d"])
        #expect(queue.count == 3)
    }

    @Test func aScriptIsMadeKnownOnceForEachConnection() {
        var queue = self.queue()
        for _ in 0..<2 { _ = queue.add(self.command("x", script: Self.script)) }
        let load = String(decoding: RESPEncoder.command("SCRIPT", "LOAD", Self.script.source), as: UTF8.self)
        #expect(self.sent(&queue) == [load + "x", "x"])
        guard case .nothing = queue.answered(.bulk([])) else { return #expect(Bool(false)) }
        guard case .done = queue.answered(.integer(1)) else { return #expect(Bool(false)) }
        queue.cut()
        #expect(self.sent(&queue) == [load + "x"])
    }

    @Test(arguments: ["LOADING reading", "NOSCRIPT No matching script", "MOVED 1 h:1", "READONLY replica"])
    func anAnswerThatWillPassLeavesTheCommandToBeSentAgain(fault: String) {
        var queue = self.queue("a")
        _ = self.sent(&queue)
        guard case .renew = queue.answered(.error(Array(fault.utf8))) else { return #expect(Bool(false)) }
        queue.cut()
        #expect(self.sent(&queue) == ["a"])
    }

    @Test func anotherFaultIsTheOwnersToKnow() {
        var queue = self.queue("a")
        _ = self.sent(&queue)
        guard case .done(_, .error) = queue.answered(.error(Array("OOM".utf8))) else { return #expect(Bool(false)) }
        #expect(queue.count == 0)
    }

    @Test func whatIsTooMuchIsRefusedAndNeverSent() {
        var queue = self.queue("a", "b", "c", maximum: 2)
        #expect(queue.refused == 1)
        #expect(self.sent(&queue) == ["a", "b"])
        #expect(queue.drop().count == 2)
    }

    @Test func theDigestIsTheServersName() {
        #expect(Self.script.digest == "e0e1f9fabfc9d4800c877a703b823ac0578ff8db")
    }
}
