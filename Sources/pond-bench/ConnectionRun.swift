import PondKit

/// Idle and storm: what connections cost to make and to keep.
final class ConnectionRun {
    private let options: BenchOptions
    private let loop: EventLoop
    private let group: LoadGroup
    private let clock = SystemClock()

    init(options: BenchOptions, on loop: EventLoop) {
        self.options = options
        self.loop = loop
        self.group = LoadGroup(options: options, on: loop, channels: options.channels, members: options.members)
    }

    func run(_ completion: @escaping (Report) -> Void) {
        let before = self.options.pid.map { ProcessUsage(pid: $0) }
        let start = self.clock.now()
        self.group.start { fault in
            let seconds = (self.clock.now() - start).inSeconds
            let joined = self.options.pid.map { ProcessUsage(pid: $0) }
            var report = Report()
            report.isClean = fault == nil
            if let fault { report.add("fault", "fault", fault) }
            let count = Double(self.group.connections.count)
            report.add("connections", "connections", self.group.connections.count)
            report.add("rate", "connected and joined/s", count / seconds, places: 0)
            if let before, let joined {
                let used = max(0, Double(joined.nanoseconds) - Double(before.nanoseconds)) / 1000
                report.add("cpu", "server CPU us/connect and join", used / count)
            }
            guard self.options.mode == .idle, fault == nil else { return self.finish(report, completion) }
            self.loop.schedule(after: .nanoseconds(Int64(self.options.seconds * 1e9))) {
                self.finish(self.withMemory(report, before: before, joined: joined), completion)
            }
        }
    }

    private func withMemory(_ report: Report, before: ProcessUsage?, joined: ProcessUsage?) -> Report {
        guard let before, let joined, let pid = self.options.pid else { return report }
        var report = report
        let after = ProcessUsage(pid: pid)
        let count = Double(self.group.connections.count)
        report.add(
            "rss",
            "server RSS bytes/connection",
            Double(after.residentBytes - before.residentBytes) / count,
            places: 0
        )
        report.add("base", "server RSS MB before", Double(before.residentBytes) / 1e6, places: 1)
        // A thread that ended meanwhile took its time along.
        let idle = max(0, Double(after.nanoseconds) - Double(joined.nanoseconds)) / 1e9 / self.options.seconds
        report.add("load", "server CPU % while idle", idle * 100)
        return report
    }

    private func finish(_ report: Report, _ completion: (Report) -> Void) {
        var report = report
        if self.group.failures > 0 { report.isClean = false }
        report.add("cut", "connections cut", self.group.failures)
        self.group.close()
        completion(report)
    }
}
