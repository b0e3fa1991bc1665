import Glibc
import PondKit
import PondTesting
import Testing

@testable import pond_server

@Suite(.timeLimit(.minutes(1))) struct ServiceManagerTests {
    /// A datagram socket such as a service manager has, and the path to it.
    private final class Manager {
        let descriptor: Int32
        let path: String
        private let folder = TemporaryFolder()

        init() throws {
            self.path = self.folder.file("notify")
            self.descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: self.path.utf8) }
            let isBound = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(self.descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
                }
            }
            try #require(isBound)
        }

        deinit { close(self.descriptor) }

        /// Whether no report waits.
        var isSilent: Bool {
            var byte: UInt8 = 0
            return recv(self.descriptor, &byte, 1, Int32(MSG_DONTWAIT) | Int32(MSG_PEEK)) < 0
        }

        func receive() -> String {
            var bytes = [UInt8](repeating: 0, count: 64)
            let count = recv(self.descriptor, &bytes, bytes.count, 0)
            return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
        }
    }

    @Test func reportsWhenTheServerListensAndStops() throws {
        let manager = try Manager()
        let service = try #require(ServiceManager(["NOTIFY_SOCKET": manager.path]))
        #expect(service.watchdog == nil)
        #expect(service.report(.ready) && manager.receive() == "READY=1")
        #expect(service.report(.stopping) && manager.receive() == "STOPPING=1")
    }

    @Test func reportsThatItIsAliveOnlyWhileEveryLoopTurns() async throws {
        let manager = try Manager()
        let service = try #require(ServiceManager(["NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "30000"]))
        let loops = [EventLoop(name: "one", clock: ManualClock()), EventLoop(name: "two", clock: ManualClock())]
        service.watch(loops)
        loops[0].runUntilIdle()
        #expect(manager.isSilent)
        loops[1].runUntilIdle()
        #expect(manager.receive() == "WATCHDOG=1")
    }

    @Test(
        "Expects nothing where nobody listens",
        arguments: [[:], ["NOTIFY_SOCKET": ""], ["NOTIFY_SOCKET": "relative"], ["NOTIFY_SOCKET": "@"]]
    )
    func isAbsentWithoutAServiceManager(_ environment: [String: String]) {
        #expect(ServiceManager(environment) == nil)
    }

    @Test func watchesNothingForAnotherProcess() throws {
        let environment = ["NOTIFY_SOCKET": "/nowhere", "WATCHDOG_USEC": "5000000", "WATCHDOG_PID": "1"]
        let service = try #require(ServiceManager(environment, process: 2))
        #expect(service.watchdog == nil)
        #expect(!service.report(.ready))
        #expect(ServiceManager(environment, process: 1)?.watchdog == .seconds(5))
    }
}
