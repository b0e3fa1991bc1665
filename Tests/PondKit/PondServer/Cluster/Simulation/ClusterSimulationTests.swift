import Foundation
import PondKit
import PondTesting
import Testing

/// Whatever breaks between nodes, Redis and clients, in whatever order: nothing confirmed is lost, doubled or reordered,
/// nobody is told to resync by a cluster whose Redis lost nothing, and all agree on who is there.
///
/// The seeds are the same in every run; `POND_CHAOS_LIVES` makes it longer, and `POND_CHAOS_SEED` begins elsewhere.
@Suite struct ClusterSimulationTests {
    private typealias Fault = ClusterSimulation.Fault

    /// The seeds to run; as many as `count` where the environment does not say.
    private func seeds(_ count: UInt64) -> Range<UInt64> {
        let environment = ProcessInfo.processInfo.environment
        let first = environment["POND_CHAOS_SEED"].flatMap(UInt64.init) ?? 1
        return first..<first + (environment["POND_CHAOS_LIVES"].flatMap(UInt64.init) ?? count)
    }

    /// Runs one simulation to its end; every fault stops, and everything has to converge.
    private func run(_ seed: UInt64, _ faults: Set<Fault>, bug: PlantedBug? = nil) throws -> ClusterSimulation {
        let simulation = try ClusterSimulation(seed: seed, faults: faults, bug: bug)
        try simulation.run(steps: 60)
        try simulation.heal()
        simulation.sayAll()
        return simulation
    }

    private func check(_ seed: UInt64, _ faults: Set<Fault>) throws {
        let simulation = try self.run(seed, faults)
        let violations = simulation.violations()
        #expect(violations.isEmpty, "seed \(seed)")
        guard !violations.isEmpty else { return }
        print("seed \(seed), \(faults)")
        for line in simulation.story + violations { print("  \(line)") }
    }

    @Test func aClusterConvergesAfterAllFaults() throws {
        for seed in self.seeds(50) { try self.check(seed, Set(Fault.allCases)) }
    }

    @Test func aClusterConvergesAfterAnySubsetOfFaults() throws {
        for seed in self.seeds(50) { try self.check(seed, ClusterSimulation.swarm(seed)) }
    }

    @Test(arguments: PlantedBug.allCases) func aPlantedBugIsFound(bug: PlantedBug) throws {
        let found = try (1...40).contains { seed in
            try !self.run(seed, Set(Fault.allCases), bug: bug).violations().isEmpty
        }
        #expect(found)
    }

    @Test func aSeedReplaysByteForByte() throws {
        for seed in 1...5 as ClosedRange<UInt64> {
            let stories = try (0..<2).map { _ in try self.run(seed, Set(Fault.allCases)).story }
            #expect(stories[0] == stories[1], "seed \(seed)")
        }
    }
}
