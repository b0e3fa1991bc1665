import PondKit

/// Many clients lose one server at the same moment: how far apart they come back.
struct ReconnectRun {
    let clients: Int

    private struct Returns {
        var times: [MonotonicTime] = []
        var cut = MonotonicTime.zero
    }

    func run() async throws(PondError) -> Report {
        let clock = SystemClock()
        let returns = Lock(Returns())
        var options = PondOptions()
        options.limits.sessionGrace = .zero
        options.hooks.onConnect = { _ in returns.withLock { $0.times.append(clock.now()) } }
        let pond = PondSocket(options: options)
        _ = try pond.createEndpoint("/socket") { $0.accept() }
        let address = try await pond.listen(port: 0)
        let loop = EventLoop(name: "clients")
        loop.start()
        var clients: [PondClient] = []
        for _ in 0..<self.clients {
            var options = PondClientOptions()
            options.loop = loop
            clients.append(try PondClient("ws://127.0.0.1:\(address.port ?? 0)/socket", options: options))
        }
        for client in clients { client.connect() }
        for client in clients { try await client.connected() }
        returns.withLock { returns in
            returns.times = []
            returns.cut = clock.now()
        }
        pond.closeAll(reason: "lost")
        var isClean = true
        while returns.withLock({ $0.times.count }) < self.clients {
            guard clock.now() - returns.withLock({ $0.cut }) < .seconds(60) else {
                isClean = false
                break
            }
            try? await Task.sleep(for: .milliseconds(50))
        }
        let (times, cut) = returns.withLock { ($0.times, $0.cut) }
        for client in clients { client.disconnect() }
        await pond.stop()
        await loop.stop()
        return self.report(times.map { ($0 - cut).inSeconds }.sorted(), isClean)
    }

    private func report(_ seconds: [Double], _ isClean: Bool) -> Report {
        var report = Report()
        report.isClean = isClean
        report.add("clients", "clients that lost their server at once", self.clients)
        report.add("back", "back", seconds.count)
        guard let last = seconds.last else { return report }
        let tenths = Dictionary(grouping: seconds) { Int($0 * 10) }
        report.add("peak", "most that came in a tenth of a second", tenths.values.map(\.count).max() ?? 0)
        report.add("first", "the first after, s", seconds[0])
        report.add("half", "half of them after, s", seconds[seconds.count / 2])
        report.add("last", "the last after, s", last)
        return report
    }
}
