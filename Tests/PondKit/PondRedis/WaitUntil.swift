import Testing

/// Waits until something holds that no event of ours tells: what a server in another process does. Too late is a fault.
func wait(
    upTo time: Duration,
    until holds: () async -> Bool,
    at place: SourceLocation = #_sourceLocation
) async {
    let end = ContinuousClock.now + time
    while await !holds() {
        guard ContinuousClock.now < end, (try? await Task.sleep(for: .milliseconds(2))) != nil else {
            Issue.record("it did not come", sourceLocation: place)
            return
        }
    }
}
