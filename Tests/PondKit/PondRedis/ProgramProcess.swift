import Glibc

@testable import PondCore

/// A program of this package as a process of its own; ended by its own pid.
final class ProgramProcess {
    private let path: String
    private let arguments: [String]
    private let environment: [String]
    /// Where standard error goes, appended across restarts.
    private let log: String
    private var process: pid_t = 0

    /// Where a program was built; `nil`, with the reason printed, where it was not.
    static func path(of name: String) -> String? {
        let root = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        let path = "/\(root)/.build/debug/\(name)"
        guard access(path, X_OK) == 0 else {
            print("skipped: \(name) is not built")
            return nil
        }
        return path
    }

    init(_ path: String, _ arguments: [String], environment: [String: String], log: String = "/dev/null") {
        self.path = path
        self.arguments = arguments
        self.log = log
        self.environment = environment.map { "\($0.key)=\($0.value)" }
    }

    deinit { self.kill() }

    func start() throws {
        var words: [UnsafeMutablePointer<CChar>?] = ([self.path] + self.arguments).map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = self.environment.map { strdup($0) } + [nil]
        defer { for pointer in words + variables { free(pointer) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, self.log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        guard posix_spawn(&self.process, self.path, &actions, nil, &words, &variables) == 0 else {
            throw PondError.internalError("\(self.path) did not start")
        }
    }

    /// Waits for the process to end; its exit code, or -1 where it was ended.
    func wait() -> Int32 {
        var status: Int32 = 0
        waitpid(self.process, &status, 0)
        self.process = 0
        return status & 0x7F == 0 ? status >> 8 & 0xFF : -1
    }

    /// Ends the process as a power cut does.
    func kill() {
        guard self.process > 0 else { return }
        Glibc.kill(self.process, SIGKILL)
        waitpid(self.process, nil, 0)
        self.process = 0
    }
}
