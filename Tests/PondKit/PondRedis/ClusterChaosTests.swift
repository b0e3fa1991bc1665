import Testing

@testable import PondRuntime

/// Users of three nodes while nodes are killed, Redis restarts or stands still, and ways between them are cut.
///
/// `POND_CLUSTER_USERS`, `_ROOMS`, `_MESSAGES`, `_FAULTS` and `_SEED` make it longer, or the same again.
@Suite(.serialized, .enabled(if: RedisServer.isInstalled, "redis-server is not installed"), .timeLimit(.minutes(10)))
struct ClusterChaosTests {
    @Test func nodesAgreeWithTheTruthAndNothingConfirmedIsLostOrDoubled() async throws {
        guard let program = ProgramProcess.path(of: "conformance-app") else { return }
        let scale = ClusterChaosWorld.Scale.fromEnvironment()
        let world = try await ClusterChaosWorld(scale, program: program)
        try await world.join()
        let begin = try await world.settle(within: .seconds(20))
        #expect(begin.wrong.isEmpty, "seed \(scale.seed): before anything happened: \(begin.wrong.prefix(5))")
        let talk = world.talk
        let talking = Task { await talk.run() }
        try await world.breakThings()
        let outcome = try await world.settle(within: .seconds(10))
        await talking.value
        // What was confirmed last has to be heard, too.
        let end = try await world.settle(within: .seconds(10))
        let counts = world.counts
        let confirmed = world.delivered.withLock { $0.reduce(0) { $0 + $1.count } }
        print(
            """
            cluster chaos: seed \(scale.seed) users \(scale.users) faults \(world.done.map(\.rawValue)) confirmed \(confirmed) \
            heard \(counts.heard) lost \(counts.lost) doubled \(counts.doubled) reordered \(counts.reordered) \
            other orders \(counts.orders) resyncs \(counts.resyncs) failed \(world.failed.withLock { $0.count }) agreed after \(outcome.took)
            """
        )
        #expect(end.wrong.isEmpty, "seed \(scale.seed): \(end.wrong.count), as \(end.wrong.prefix(5))")
        #expect(counts.lost == 0, "seed \(scale.seed)")
        #expect(counts.doubled == 0, "seed \(scale.seed)")
        #expect(counts.reordered == 0, "seed \(scale.seed)")
        #expect(counts.resyncs == 0, "seed \(scale.seed)")
        #expect(
            confirmed > 0 && world.failed.withLock { $0.isEmpty },
            "seed \(scale.seed): \(world.failed.withLock { $0.prefix(3) })"
        )
        let isWhole = end.wrong.isEmpty && counts.lost + counts.doubled + counts.reordered + counts.resyncs == 0
        if !isWhole || world.failed.withLock({ !$0.isEmpty }) {
            for line in world.trace.merged() { print("  \(line)") }
        }
        await world.stop()
    }
}
