import PondChat
import PondKit
import PondTesting
import Testing

@testable import pond_server

@Suite(.timeLimit(.minutes(1))) struct ServerProcessTests {
    private func log(_ lines: Lock<[String]>) -> ServerLog {
        ServerLog(level: .info, format: .text) { line in lines.withLock { $0.append(line) } }
    }

    @Test("A server starts, says where, takes a reload, tells what needs a restart, and stops")
    func life() async throws {
        let folder = TemporaryFolder()
        var configuration = ServerConfiguration()
        configuration.port = 0
        configuration.dataFolder = folder.path
        configuration.drainTime = .milliseconds(1)
        let lines = Lock<[String]>([])
        let process = try ServerProcess(configuration, log: self.log(lines))
        let address = try await process.start()
        let port = try #require(address.port)
        #expect(port > 0)
        let greeting = process.greeting(address)
        #expect(greeting.hasPrefix("pond-server is listening on http://127.0.0.1:\(port)\n"))
        #expect(greeting.contains(folder.path))
        configuration.messageCharacters = 10
        await process.reload(configuration)
        #expect(process.chat.chatLimits.messageCharacters == 10)
        #expect(!lines.withLock { $0 }.contains { $0.contains("restart") })
        configuration.threads = 7
        configuration.connectionLimit = 1
        await process.reload(configuration)
        #expect(lines.withLock { $0 }.contains { $0.contains("restart only") && $0.contains("threads, connections") })
        configuration.tokenSecretFile = folder.file("nowhere")
        await process.reload(configuration)
        #expect(lines.withLock { $0 }.contains { $0.contains("was not reloaded") && $0.contains("nowhere") })
        await process.stop()
        #expect(lines.withLock { $0 }.last?.contains("stopped") == true)
    }

    @Test("Two servers do not share a port or a folder, and each says so with its own code")
    func conflicts() async throws {
        let folder = TemporaryFolder()
        var configuration = ServerConfiguration()
        configuration.port = 0
        configuration.dataFolder = folder.path
        configuration.drainTime = .milliseconds(1)
        let log = self.log(Lock([]))
        let first = try ServerProcess(configuration, log: log)
        let address = try await first.start()
        #expect(throws: StartFailure.self) { _ = try ServerProcess(configuration, log: log) }
        configuration.inMemory = true
        let port = try #require(address.port)
        configuration.port = port
        let second = try ServerProcess(configuration, log: log)
        do throws(StartFailure) {
            _ = try await second.start()
            Issue.record("it took a port that was taken")
        } catch {
            #expect(error.code == .address && error.message.contains("\(port)"))
        }
        await second.stop()
        await first.stop()
    }
}
