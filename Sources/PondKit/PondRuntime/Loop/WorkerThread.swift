/// Threads for work that blocks.
package enum WorkerThread {
    /// Runs `body` on a new thread that no signal is delivered to; false when there can be no more threads.
    package static func start(named name: String, _ body: @escaping @Sendable () -> Void) -> Bool {
        System.startThread(named: name, body)
    }
}
