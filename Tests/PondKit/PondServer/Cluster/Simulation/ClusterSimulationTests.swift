import Foundation
import PondKit
import PondTesting
import Testing

/// Whatever breaks between nodes, Redis and clients, in whatever order: nothing confirmed is lost, doubled or reordered,
/// nobody is told to resync by a cluster whose Redis lost nothing, and all agree on who is there.
///
/// The seeds are the same in every run; `POND_CHAOS_LIVES` makes it longer, and `POND_CHAOS_SEED` begins elsewhere.
@Suite struct ClusterSimulationTests {
    @Test func aClusterIsWholeOnceAllIsWell() throws {
        let environment = ProcessInfo.processInfo.environment
        let first = environment["POND_CHAOS_SEED"].flatMap(UInt64.init) ?? 1
        let lives = environment["POND_CHAOS_LIVES"].flatMap(UInt64.init) ?? 20
        for number in 0..<lives {
            let simulation = try ClusterSimulation(seed: first &+ number)
            try simulation.run(steps: 60)
            try simulation.heal()
            let faults = simulation.faults()
            #expect(faults.isEmpty, "seed \(simulation.seed)")
            guard faults.isEmpty else {
                print("seed \(simulation.seed)")
                for line in simulation.story + faults { print("  \(line)") }
                return
            }
        }
    }
}
