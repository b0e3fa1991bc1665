import Testing

@testable import PondClient
@testable import PondCore
@testable import PondNet
@testable import PondRuntime
@testable import PondServer

@Suite(.timeLimit(.minutes(1))) struct SSEClientTests {
    /// What a client's transport heard, in order: texts, then the end.
    private final class Ear: TransportReceiver {
        private(set) var heard: [String] = []
        private var waiting: [(part: String, body: ([String]) -> Void)] = []

        func wait(for part: String, _ body: @escaping ([String]) -> Void) {
            self.waiting.append((part, body))
            self.check()
        }

        func transport(_ transport: any Transport, received message: UnsafeRawBufferPointer) {
            self.heard.append(String(decoding: message, as: UTF8.self))
            self.check()
        }

        func transport(_ transport: any Transport, ended end: TransportEnd) {
            self.heard.append("ended \(end.code) \(end.clean)")
            self.check()
        }

        private func check() {
            let all = self.waiting
            self.waiting = []
            for one in all {
                if self.heard.contains(where: { $0.contains(one.part) }) {
                    one.body(self.heard)
                } else {
                    self.waiting.append(one)
                }
            }
        }
    }

    private final class Client: Sendable {
        let loop: EventLoop
        let ear: LoopConfined<Ear>
        let transport: LoopConfined<any Transport>

        init(_ transport: any Transport, _ ear: Ear, on loop: EventLoop) {
            self.loop = loop
            self.ear = LoopConfined(ear, to: loop)
            self.transport = LoopConfined(transport, to: loop)
        }

        func heard(_ part: String) async -> [String] {
            let ear = self.ear
            return await withCheckedContinuation { continuation in
                self.loop.execute { ear.value.wait(for: part) { continuation.resume(returning: $0) } }
            }
        }

        func act(_ body: @escaping @Sendable (any Transport) -> Void) async {
            let transport = self.transport
            try? await self.loop.run { body(transport.value) }
        }

        func send(_ text: String) async { await self.act { $0.send(Frame(text: Array(text.utf8), event: "")) } }
    }

    private static func connect(_ harness: HTTPHarness, query: String = "") async throws -> Client {
        let port = try #require(harness.address.port)
        let target = try ClientTarget(url: "http://127.0.0.1:\(port)/socket\(query)")
        let loop = harness.clientLoop
        return try await withCheckedThrowingContinuation { continuation in
            loop.execute {
                SSEConnector().connect(to: target, on: loop) { result in
                    continuation.resume(
                        with: result.map { transport in
                            let ear = Ear()
                            transport.receiver = ear
                            return Client(transport, ear, on: loop)
                        }
                    )
                }
            }
        }
    }

    @Test(arguments: [1, 2])
    func carriesMessagesBothWaysInOrderAndSaysGoodbye(threads: Int) async throws {
        let harness = try await HTTPHarness(threads: threads)
        let client = try await Self.connect(harness)
        _ = await client.heard("CONNECTION")
        await client.send(HTTPHarness.message("JOIN_CHANNEL", "x"))
        for number in 1...20 { await client.send(HTTPHarness.message("BROADCAST", "say", #"{"n":\#(number)}"#)) }
        let heard = await client.heard(#"{"n":20}"#)
        #expect(heard.count == 22 && heard[1].contains("ACKNOWLEDGE"))
        for number in 1...20 { #expect(heard[number + 1].contains(#"{"n":\#(number)}"#)) }
        await client.act { $0.close(code: 1000, reason: "") }
        #expect(await client.heard("ended").last == "ended 1000 true")
        while harness.pond.connectionCount > 0 { await Task.yield() }
        await harness.stop()
    }

    @Test func hearsTheServersEnd() async throws {
        let harness = try await HTTPHarness()
        let client = try await Self.connect(harness)
        _ = await client.heard("CONNECTION")
        await harness.pond.stop()
        #expect(await client.heard("ended").last == "ended 1006 false")
        await harness.clientLoop.stop()
    }

    @Test func tellsWhyItWasDeclined() async throws {
        let harness = try await HTTPHarness()
        do {
            _ = try await Self.connect(harness, query: "?token=silent")
            Issue.record("not declined")
        } catch let error as PondError {
            #expect(error.code == 401 && error.message == "Connection handler did not accept or decline")
        }
        await harness.stop()
    }
}
