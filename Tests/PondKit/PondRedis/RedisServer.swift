import Glibc
import Testing

@testable import PondCore

/// A Redis server of the tests' own, on a free port, without persistence; ended by its own pid.
final class RedisServer {
    let port: Int
    private let arguments: [String]
    private var process: pid_t = 0

    /// Whether there is a server to start, with the reason printed where there is none.
    static let isInstalled: Bool = {
        let places: [String] = ["/usr/bin/redis-server", "/usr/local/bin/redis-server"]
        let found = places.contains { path in access(path, X_OK) == 0 }
        if !found { print("skipped: redis-server is not installed") }
        return found
    }()

    convenience init(_ arguments: String...) throws { try self.init(arguments) }

    init(_ arguments: [String]) throws {
        self.port = try Self.freePort()
        self.arguments = arguments
        try self.start()
    }

    deinit { self.kill() }

    var url: String { "redis://127.0.0.1:\(self.port)" }

    func start() throws {
        let words =
            [
                "redis-server", "--port", String(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
                "--daemonize", "no", "--logfile", "/dev/null", "--dir", "/tmp",
            ] + self.arguments
        var pointers: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        pointers.append(nil)
        defer { for pointer in pointers { free(pointer) } }
        guard posix_spawnp(&self.process, "redis-server", nil, nil, pointers, environ) == 0 else {
            throw PondError(code: 500, kind: .internalError, message: "redis-server did not start")
        }
    }

    func kill() {
        guard self.process > 0 else { return }
        Glibc.kill(self.process, SIGKILL)
        waitpid(self.process, nil, 0)
        self.process = 0
    }

    func pause() { Glibc.kill(self.process, SIGSTOP) }

    func resume() { Glibc.kill(self.process, SIGCONT) }

    /// Removes a folder of append-only files.
    static func remove(_ folder: String) {
        guard let directory = opendir(folder) else { return }
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { unlink("\(folder)/\(name)") }
        }
        closedir(directory)
        rmdir(folder)
    }

    static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, length) == 0 && getsockname(descriptor, address, &length) == 0
            }
        }
        guard bound else { throw PondError(code: 500, kind: .internalError, message: "no free port") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
