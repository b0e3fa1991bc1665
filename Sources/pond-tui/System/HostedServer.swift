internal import CPondSys
internal import Glibc

/// A pond-server that this program starts on this machine, and ends with itself.
enum HostedServer {
    static let address = "127.0.0.1:4000"
    private static let port = "4000"
    private static let variable = "POND_TUI_HOSTED"

    /// Starts one, unless something listens there already; gives back what went wrong, or `nil`.
    static func start() -> String? {
        if Self.isListening { return nil }
        let home = Environment["HOME"] ?? "/"
        let data =
            (Environment["XDG_DATA_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? home + "/.local/share")
            + "/pond/server"
        guard PrivateFile.makeFolder(of: data + "/x") else { return "cannot make the folder \(data)" }
        let arguments = [Self.program, "--host", "127.0.0.1", "--port", Self.port, "--data", data]
        guard let pid = ChildProcess.start(arguments) else {
            return "cannot run pond-server: it is neither beside pond-tui nor in PATH"
        }
        setenv(Self.variable, String(pid), 1)
        for _ in 0..<100 {
            if Self.isListening { return nil }
            var status: Int32 = 0
            if waitpid(pid, &status, WNOHANG) == pid {
                unsetenv(Self.variable)
                return "pond-server ended at once; pond-server --host 127.0.0.1 --data \(data) says why"
            }
            usleep(50_000)
        }
        return nil
    }

    /// Ends the one that this process started, in this life or before `exec`.
    static func stop() {
        guard let pid = Environment[Self.variable].flatMap({ pid_t($0) }), pid > 1 else { return }
        unsetenv(Self.variable)
        var status: Int32 = 0
        // Nobody else's process: only an own child can be waited for.
        if waitpid(pid, &status, WNOHANG) == 0 { kill(pid, SIGTERM) }
    }

    /// `pond-server` beside this program, else the one in `PATH`.
    private static var program: String {
        var buffer = [CChar](repeating: 0, count: 4_096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        guard count > 0 else { return "pond-server" }
        let path = String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard let slash = path.lastIndex(of: "/") else { return "pond-server" }
        let beside = path[..<slash] + "/pond-server"
        return access(String(beside), X_OK) == 0 ? String(beside) : "pond-server"
    }

    private static var isListening: Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(4_000).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
