import PondKit

/// Pieces of the library that every message passes, each alone: the best of several rounds.
struct MicroRun {
    private static let rounds = 7
    private static let roundTime = 0.05

    func run() {
        for size in [100, 1000, 16_000] {
            let message = Self.message(payloadOf: size)
            self.measure("scan a message", bytes: message.count) { times in
                message.withUnsafeBytes { bytes in
                    for _ in 0..<times { blackHole((try? MessageScanner.scan(bytes))?.payload.count ?? 0) }
                }
            }
        }
        for size in [100, 1000, 16_000] {
            var bytes = [UInt8](repeating: 7, count: size)
            var mask = WebSocketMask(littleEndian: 0x1234_5678)
            self.measure("unmask", bytes: size) { times in
                bytes.withUnsafeMutableBytes { bytes in
                    for _ in 0..<times { mask.apply(bytes) }
                }
            }
            blackHole(Int(bytes[0]))
        }
        for size in [100, 1000, 16_000] {
            let message = Self.message(payloadOf: size)
            guard let deflater = Deflater(level: 1, windowBits: 12, takeover: false) else { continue }
            var output: [UInt8] = []
            self.measure("deflate a message", bytes: message.count) { times in
                message.withUnsafeBytes { bytes in
                    for _ in 0..<times {
                        output.removeAll(keepingCapacity: true)
                        blackHole(deflater.compress(bytes, into: &output) ? output.count : 0)
                    }
                }
            }
        }
        self.measureTimers()
    }

    /// Re-arming one of 100,000 timers, as a connection's message does.
    private func measureTimers() {
        let loop = EventLoop(name: "micro")
        let timers = (0..<100_000).map { loop.schedule(after: .seconds(60 + $0 % 30)) {} }
        var index = 0
        self.measure("re-arm one of 100,000 timers", bytes: 0) { times in
            for _ in 0..<times {
                index = (index &+ 7919) % timers.count
                _ = loop.reschedule(timers[index], after: .seconds(60))
            }
        }
    }

    private func measure(_ name: String, bytes: Int, _ body: (Int) -> Void) {
        let clock = SystemClock()
        var times = 1
        var best = Double.infinity
        var round = 0
        while round < Self.rounds {
            let start = clock.now()
            body(times)
            let seconds = (clock.now() - start).inSeconds
            guard seconds > Self.roundTime else {
                times *= 2
                continue
            }
            best = min(best, seconds / Double(times))
            round += 1
        }
        let label = bytes > 0 ? "\(name), \(bytes) B" : name
        let rate = bytes > 0 ? "   \((Double(bytes) / best / 1e7).rounded() / 100) GB/s" : ""
        print(label.padded(to: 36) + "\((best * 1e10).rounded() / 10) ns".padded(to: 14) + rate)
    }

    private static func message(payloadOf size: Int) -> [UInt8] {
        let words = ["pond", "message", "channel", "hello", "presence", "42", "ripple"]
        var text = ""
        var index = 0
        while text.utf8.count < size {
            text += words[index % words.count] + " "
            index = (index * 5 + 3) % 1009
        }
        return Array(
            """
            {"action":"BROADCAST","event":"message","channelName":"/bench/1",\
            "requestId":"7d3f0a52-94a6-4d5b-8d53-2f0a3c1b9e77","payload":{"n":1,"text":"\(text)"}}
            """.utf8
        )
    }
}

/// A value that the optimiser must believe to be used.
@inline(never)
private func blackHole(_ value: Int) {}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(1, width - self.count))
    }
}
