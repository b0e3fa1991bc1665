import Testing

@testable import pond_server

@Suite struct MachineCheckTests {
    @Test func warnsWhereConnectionsNeedMoreFilesThanAreAllowed() {
        #expect(MachineCheck.descriptors(limit: 1_024, connections: 10_000).level == .warning)
        #expect(MachineCheck.descriptors(limit: 65_536, connections: 10_000).level == .ok)
        #expect(MachineCheck.descriptors(limit: 65_536, connections: .max).level == .warning)
        #expect(MachineCheck.descriptorLimit > 0)
    }

    @Test(
        arguments: [
            (10, 1_000, "fault"), (500, 100_000, "warning"), (4_000, 100_000, "warning"), (40_000, 100_000, "ok"),
        ] as [(UInt64, UInt64, String)]
    )
    func judgesTheFreeSpace(_ free: UInt64, _ total: UInt64, _ level: String) {
        #expect(MachineCheck.disk(free: free << 20, total: total << 20, in: "/data").level.rawValue == level)
        #expect(MachineCheck.space(in: "/").map { $0.free <= $0.total } == true)
        #expect(MachineCheck.space(in: "/nowhere/at/all") == nil)
    }

    @Test(arguments: [(-5, "fault"), (3 * 86_400, "warning"), (60 * 86_400, "ok")] as [(Int64, String)])
    func judgesTheAgeOfACertificate(_ seconds: Int64, _ level: String) {
        #expect(MachineCheck.certificate("cert.pem", secondsLeft: seconds).level.rawValue == level)
        #expect(MachineCheck.certificateTime("/nowhere/cert.pem") == nil)
        #expect(MachineCheck.certificate("cert.pem", secondsLeft: nil).level == .fault)
    }
}
