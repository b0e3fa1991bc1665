import PondKit
import PondTesting
import Testing

/// Many clients, few channels, a network that breaks: nothing lost, nothing twice, nothing out of order.
///
/// `POND_CHAOS_CLIENTS`, `_CHANNELS`, `_MESSAGES` and `_SEED` make it longer, or the same again.
@Suite(.serialized, .timeLimit(.minutes(10))) struct ChaosTests {
    @Test(arguments: [ChaosWorld.Carrier.webSocket, .serverSentEvents])
    func nothingIsLostDoubledOrReordered(carrier: ChaosWorld.Carrier) async throws {
        let scale = ChaosWorld.Scale.fromEnvironment()
        let world = try await ChaosWorld(scale: scale, carrier: carrier)
        try await world.join()
        world.proxy.faults = FaultProxy.Faults(chance: 0.9, bytes: 300...scale.bytesBetweenFaults, stall: 1...300)
        world.proxy.cutAll()
        try await world.talk()
        world.proxy.faults = .none
        let report = try await world.settle()
        print(report)
        #expect(report.lost == 0, "seed \(scale.seed)\n\(report)")
        #expect(report.doubled == 0, "seed \(scale.seed)\n\(report)")
        #expect(report.reordered == 0, "seed \(scale.seed)\n\(report)")
        #expect(report.flaps == 0, "seed \(scale.seed)\n\(report)")
        #expect(report.ghosts == 0, "seed \(scale.seed)\n\(report)")
        #expect(report.reconnects >= scale.clients, "the network was too good: \(report)")
        await world.stop()
    }

    @Test func nothingIsLostDoubledOrReorderedWhenTheServerCrashesAndComesBack() async throws {
        let scale = ChaosWorld.Scale.fromEnvironment()
        let world = try await ChaosWorld(scale: scale, carrier: .webSocket, isOnDisk: true)
        try await world.join()
        let faults = FaultProxy.Faults(chance: 0.5, bytes: 300...scale.bytesBetweenFaults, stall: 1...300)
        world.proxy.faults = faults
        try await world.talkWhileTheServerCrashes(atLeast: 3, every: .milliseconds(200))
        world.proxy.faults = .none
        let report = try await world.settle()
        print(report)
        #expect(report.lost == 0, "seed \(scale.seed)\n\(report)")
        #expect(report.doubled == 0, "seed \(scale.seed)\n\(report)")
        #expect(report.reordered == 0, "seed \(scale.seed)\n\(report)")
        #expect(report.crashes > 0)
        await world.stop()
    }
}
