import Foundation
import PondKit
import PondTesting

/// The reference server for Python with the conformance application, as a process of its own on 127.0.0.1.
final class PythonServer {
    let port: Int
    private var process: Process?

    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    private static let python = root.appendingPathComponent(".build/peers/bin/python").path

    /// Why the tests cannot run, where they cannot.
    static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: python) }

    init() async throws {
        self.port = try await Self.freePort()
        try await self.start()
    }

    deinit { self.kill() }

    func start() async throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.python)
        process.arguments = [Self.root.appendingPathComponent("Tests/Interop/reference_app.py").path, "\(self.port)"]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        self.process = process
        let deadline = ContinuousClock.now + .seconds(30)
        while try await !Self.answers(self.port) {
            guard process.isRunning, ContinuousClock.now < deadline else { throw CocoaError(.executableLoad) }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Ends the process as a power cut does.
    func kill() {
        guard let process = self.process, process.isRunning else { return }
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        self.process = nil
    }

    private static func freePort() async throws -> Int {
        let proxy = try await FaultProxy.start(to: 9, seed: 0)
        let port = proxy.port
        await proxy.stop()
        return port
    }

    private static func answers(_ port: Int) async throws -> Bool {
        let loop = EventLoop(name: "probe")
        loop.start()
        let answer = await withCheckedContinuation { continuation in
            loop.execute {
                Connector.connect(to: "127.0.0.1", port: port, on: loop, deadline: .seconds(2)) { result in
                    if case .success(let channel) = result { channel.abort() }
                    continuation.resume(returning: (try? result.get()) != nil)
                }
            }
        }
        await loop.stop()
        return answer
    }
}
