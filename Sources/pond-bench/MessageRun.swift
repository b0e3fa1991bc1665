import PondKit

/// Fan-out and echo: sends messages at a rate or within a window, and enters what comes back.
final class MessageRun {
    private enum Phase {
        /// Messages flow and are not counted; becomes `measuring`.
        case warmingUp
        /// Becomes `draining`.
        case measuring
        /// Nothing is sent; waits for what is on its way. Becomes `done`.
        case draining
        case done
    }

    private static let tick: Duration = .milliseconds(1)
    private static let drainTime = 5.0

    private let options: BenchOptions
    private let loop: EventLoop
    private let group: LoadGroup
    private let clock = SystemClock()
    private let padding: String
    private let isEcho: Bool
    private let receiversPerMessage: Int
    private var ledger: DeliveryLedger
    private var phase = Phase.warmingUp
    /// Messages sent by each sender.
    private var sent: [Int]
    /// Deliveries of each sender's messages.
    private var delivered: [Int]
    private var sentInAll = 0
    private var start: UInt64 = 0
    private var measureStart: UInt64 = 0
    private var measureEnd: UInt64 = 0
    private var before: ProcessUsage?
    private var after: ProcessUsage?
    private var generatorBefore: ProcessUsage?
    private var completion: ((Report) -> Void)?

    init(options: BenchOptions, on loop: EventLoop) {
        self.options = options
        self.loop = loop
        self.isEcho = options.mode == .echo
        self.padding = LoadMessage.padding(options.payload)
        let channels = self.isEcho ? options.members : options.channels
        let members = self.isEcho ? 1 : options.members
        self.receiversPerMessage = members
        self.group = LoadGroup(options: options, on: loop, channels: channels, members: members)
        self.sent = Array(repeating: 0, count: channels)
        self.delivered = Array(repeating: 0, count: channels)
        self.ledger = DeliveryLedger(
            verifies: options.verifies,
            event: self.isEcho ? "echo" : "message",
            padding: options.payload
        )
    }

    func run(_ completion: @escaping (Report) -> Void) {
        self.completion = completion
        self.group.start { fault in
            if let fault {
                self.complete(fault: fault)
            } else {
                self.begin()
            }
        }
    }

    private var now: UInt64 { self.clock.now().nanoseconds }

    private func begin() {
        self.start = self.now
        self.group.delivered = { [unowned self] in self.received($0, $1) }
        self.loop.schedule(after: .nanoseconds(Int64(self.options.warmUp * 1e9))) { self.measure() }
        if self.options.rate > 0 { self.sendDue() } else { self.fillWindows() }
    }

    private func measure() {
        self.phase = .measuring
        self.ledger.restart()
        self.before = self.options.pid.map { ProcessUsage(pid: $0) }
        self.generatorBefore = ProcessUsage(pid: Self.ownPid)
        self.measureStart = self.now
        self.loop.schedule(after: .nanoseconds(Int64(self.options.seconds * 1e9))) { self.drain() }
    }

    private func drain() {
        self.phase = .draining
        self.measureEnd = self.now
        self.after = self.options.pid.map { ProcessUsage(pid: $0) }
        self.finishedLedger = self.ledger
        self.waitForRest(until: self.now + UInt64(Self.drainTime * 1e9))
    }

    /// The ledger when measuring ended; what is missing is known only after draining.
    private var finishedLedger: DeliveryLedger?

    private func waitForRest(until deadline: UInt64) {
        let expected = self.sentInAll * self.receiversPerMessage
        guard self.delivered.reduce(0, +) < expected, self.now < deadline else { return self.complete(fault: nil) }
        self.loop.schedule(after: .milliseconds(10)) { self.waitForRest(until: deadline) }
    }

    // MARK: Sending

    private var isSending: Bool {
        switch self.phase {
        case .warmingUp, .measuring: true
        case .draining, .done: false
        }
    }

    /// Sends every message whose time has come, stamped with that time.
    private func sendDue() {
        guard self.isSending else { return }
        let interval = 1e9 / self.options.rate
        let now = self.now
        while case let due = self.start + UInt64(Double(self.sentInAll) * interval), due <= now {
            self.send(self.sentInAll % self.sent.count, time: due)
        }
        self.loop.schedule(after: Self.tick) { self.sendDue() }
    }

    private func fillWindows() {
        for sender in self.sent.indices { self.fillWindow(sender) }
    }

    private func fillWindow(_ sender: Int) {
        while self.isSending,
            self.sent[sender] - self.delivered[sender] / self.receiversPerMessage < self.options.window
        {
            self.send(sender, time: self.now)
        }
    }

    private func send(_ sender: Int, time: UInt64) {
        let payload = LoadMessage.payload(number: self.sent[sender], time: time, padding: self.padding)
        self.sent[sender] += 1
        self.sentInAll += 1
        let connection = self.group.connections[sender * self.receiversPerMessage]
        connection.send(event: self.isEcho ? "echo" : "message", payload: payload)
    }

    private func received(_ connection: LoadConnection, _ text: UnsafeRawBufferPointer) {
        guard self.ledger.enter(connection, text, now: self.now) else { return }
        self.delivered[connection.channelIndex] += 1
        if self.options.rate == 0, self.delivered[connection.channelIndex] % self.receiversPerMessage == 0 {
            self.fillWindow(connection.channelIndex)
        }
    }

    // MARK: Results

    private static var ownPid: Int32 { ProcessUsage.own }

    private func complete(fault: String?) {
        guard let completion = self.completion else { return }
        self.completion = nil
        self.phase = .done
        for connection in self.group.connections {
            self.ledger.finish(connection, sent: self.sent[connection.channelIndex])
        }
        let cut = self.group.failures
        let reason = fault ?? self.group.firstFailure
        self.group.close()
        completion(self.report(cut: cut, reason: reason))
    }

    private func report(cut: Int, reason: String?) -> Report {
        var report = Report()
        report.isClean = self.ledger.isClean && reason == nil
        if let reason { report.add("fault", "fault", reason) }
        let measured = self.finishedLedger ?? self.ledger
        let seconds = Double(self.measureEnd &- self.measureStart) / 1e9
        report.add("connections", "connections", self.group.connections.count)
        report.add("delivered", "deliveries", measured.delivered)
        report.add("rate", "deliveries/s", Double(measured.delivered) / seconds, places: 0)
        report.add("lost", "lost", self.ledger.lost)
        report.add("repeated", "doubled or out of order", self.ledger.repeated)
        report.add("malformed", "wrong content", self.ledger.malformed)
        report.add("cut", "connections cut", cut)
        report.add("p50", "p50 us", measured.latencies.microseconds(at: 0.5), places: 0)
        report.add("p99", "p99 us", measured.latencies.microseconds(at: 0.99), places: 0)
        report.add("max", "slowest us", measured.latencies.microseconds(at: 1), places: 0)
        if let before = self.before, let after = self.after {
            let count = Double(measured.delivered)
            let used = max(0, Double(after.nanoseconds) - Double(before.nanoseconds)) / 1000
            let soft = max(0, Double(after.softInterruptNanoseconds) - Double(before.softInterruptNanoseconds)) / 1000
            report.add("cpu", "server CPU us/delivery", used / count)
            report.add("soft", "ksoftirqd us/delivery", soft / count)
            report.add("load", "server CPU %", used / 1e4 / seconds, places: 0)
        }
        if let before = self.generatorBefore {
            let used = max(0, Double(ProcessUsage(pid: Self.ownPid).nanoseconds) - Double(before.nanoseconds)) / 1000
            report.add("generator", "generator CPU us/delivery", used / Double(measured.delivered))
        }
        return report
    }
}
