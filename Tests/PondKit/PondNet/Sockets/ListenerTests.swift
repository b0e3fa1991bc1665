import Glibc
import Testing

@testable import PondCore
@testable import PondNet
@testable import PondRuntime

@Suite(.timeLimit(.minutes(1))) struct ListenerTests {
    /// In a process of its own, because the limit holds for the whole process.
    @Test func survivesThatDescriptorsRunOut() async {
        await #expect(processExitsWith: .success) {
            let net = try await Loopback()
            let first = try await net.connect()
            await first.write([1])
            _ = await first.received(1)
            // Every descriptor but those for one more connection's client is taken.
            var taken: [Int32] = []
            let highest = try System.duplicate(0)
            System.close(highest)
            var limit = rlimit(rlim_cur: UInt(highest) + 8, rlim_max: UInt(highest) + 8)
            guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { exit(2) }
            let refused = try System.socket(AF_INET)
            while let descriptor = try? System.duplicate(0) { taken.append(descriptor) }
            try? System.connect(refused, to: net.listener.address)
            // It is told, by a reset, that it was not taken.
            var waiting = pollfd(fd: refused, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, 10_000) == 1 else { exit(3) }
            // Who was there before is still served, and newcomers are when there is room again.
            await first.write([2])
            guard await first.received(2) == [1, 2] else { exit(4) }
            for descriptor in taken { System.close(descriptor) }
            let late = try await net.connect()
            await late.write([3])
            guard await late.received(1) == [3] else { exit(5) }
            // Without what waits for a clean end: the loops of this process still run.
            _exit(0)
        }
    }

    @Test func countsConnectionsOfOneAddressApartFromTheOthers() throws {
        let gate = ConnectionGate(total: 3, perAddress: 2)
        let one = try #require(SocketAddress(ip: "10.0.0.1", port: 1))
        let oneAgain = try #require(SocketAddress(ip: "10.0.0.1", port: 2))
        let other = try #require(SocketAddress(ip: "10.0.0.2", port: 1))
        #expect(gate.admit(one))
        #expect(gate.admit(oneAgain))
        #expect(!gate.admit(one))
        #expect(gate.admit(other))
        #expect(!gate.admit(other))
        gate.release(oneAgain)
        #expect(gate.admit(one))
        #expect(gate.count == 3)
        #expect(gate.refused == 2)
    }

    @Test func aStaleSocketFileIsReplacedAndALiveOneIsNot() async throws {
        let path = "/tmp/pond-\(UInt64.random(in: 0 ..< .max)).sock"
        let stale = try System.socket(AF_UNIX)
        try System.bind(stale, to: .unix(path))
        System.close(stale)
        let net = try await Loopback(address: .unix(path))
        let loops = net.loops
        await #expect(throws: PondError.self) {
            _ = try await Listener.listen(on: .unix(path), loops: loops) { _ in }
        }
        let client = try await net.connect()
        await client.write([1])
        #expect(await client.received(1) == [1])
        await net.stop()
        #expect(access(path, F_OK) != 0)
    }
}
