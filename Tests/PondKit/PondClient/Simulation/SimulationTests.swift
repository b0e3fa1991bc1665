import Foundation
import PondKit
import PondTesting
import Testing

/// Whatever happens in whatever order, all is as it should be once all is well.
///
/// `POND_CHAOS_LIVES` makes it longer, and `POND_CHAOS_SEED` the same again.
@Suite struct SimulationTests {
    @Test(arguments: [Simulation.Troubles](arrayLiteral: [], .restarts, [.restarts, .losses], [.thefts, .restarts]))
    func allIsAsItShouldBeOnceAllIsWell(troubles: Simulation.Troubles) throws {
        let environment = ProcessInfo.processInfo.environment
        let first = environment["POND_CHAOS_SEED"].flatMap(UInt64.init) ?? .random(in: 0 ... .max)
        let lives = environment["POND_CHAOS_LIVES"].flatMap(UInt64.init) ?? 12
        for number in 0..<lives {
            let simulation = try Simulation(seed: first &+ number, troubles, shards: number % 3 == 2 ? 3 : 1)
            try simulation.run(steps: 120)
            simulation.heal()
            let faults = simulation.faults()
            #expect(faults.isEmpty, "seed \(simulation.seed)")
            guard faults.isEmpty else {
                print("seed \(simulation.seed)")
                for line in simulation.log + faults { print("  \(line)") }
                return
            }
        }
    }
}
