import PondKit

/// Sets up many connections, a bounded number at a time.
final class LoadGroup: LoadConnectionOwner {
    private let options: BenchOptions
    private let loop: EventLoop
    private(set) var connections: [LoadConnection] = []
    private var next = 0
    private var joinedCount = 0
    private var ready: ((String?) -> Void)?
    /// Gets every delivery once all have joined.
    var delivered: ((LoadConnection, UnsafeRawBufferPointer) -> Void)?
    /// Connections that ended and were not meant to, with the first reason.
    private(set) var failures = 0
    private(set) var firstFailure: String?

    /// `channels` times `members` connections.
    init(options: BenchOptions, on loop: EventLoop, channels: Int, members: Int) {
        self.options = options
        self.loop = loop
        self.connections.reserveCapacity(channels * members)
        for channel in 0..<channels {
            for member in 0..<members {
                self.connections.append(
                    LoadConnection(
                        index: self.connections.count,
                        channelIndex: channel,
                        memberIndex: member,
                        options: options,
                        owner: self
                    )
                )
            }
        }
    }

    /// Connects and joins them all; `ready` gets a reason when one could not.
    func start(_ ready: @escaping (String?) -> Void) {
        self.ready = ready
        for _ in 0..<min(self.options.concurrency, self.connections.count) { self.connectNext() }
    }

    func close() {
        self.delivered = nil
        for connection in self.connections { connection.close() }
    }

    private func connectNext() {
        guard self.next < self.connections.count else { return }
        self.connections[self.next].connect(on: self.loop)
        self.next += 1
    }

    func joined(_ connection: LoadConnection) {
        self.joinedCount += 1
        self.connectNext()
        if self.joinedCount == self.connections.count { self.tellReady(nil) }
    }

    func received(_ connection: LoadConnection, _ text: UnsafeRawBufferPointer) { self.delivered?(connection, text) }

    func failed(_ connection: LoadConnection, _ reason: String) {
        self.failures += 1
        if self.firstFailure == nil { self.firstFailure = reason }
        self.tellReady("connection \(connection.index): \(reason)")
    }

    private func tellReady(_ fault: String?) {
        let ready = self.ready
        self.ready = nil
        ready?(fault)
    }
}
