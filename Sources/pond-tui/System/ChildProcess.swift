internal import Glibc

/// Other programs: with none of our signals blocked, and not one of our descriptors.
enum ChildProcess {
    /// How a program runs.
    enum Mode {
        /// On this terminal, until it ends.
        case foreground
        /// On its own, with nothing to read or write.
        case detached
    }

    /// Starts a program found in `PATH`; gives back its exit status, 0 for a detached one, or `nil` when it cannot be started.
    static func run(_ arguments: [String], _ mode: Mode) -> Int32? {
        guard let pid = Self.spawn(arguments, output: nil, detached: mode == .detached) else { return nil }
        guard mode == .foreground else {
            Self.reapLater(pid)
            return 0
        }
        return Self.wait(pid)
    }

    /// Starts a program on its own; gives back its process, which the caller waits for.
    static func start(_ arguments: [String]) -> pid_t? { Self.spawn(arguments, output: nil, detached: true) }

    /// What a shell command writes, at most `limit` bytes; takes as long as the command does.
    static func output(of command: String, limit: Int) -> String? {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let pid = Self.spawn(["sh", "-c", command], output: ends[1], detached: true)
        close(ends[1])
        defer { close(ends[0]) }
        guard let pid else { return nil }
        var bytes: [UInt8] = []
        while case .bytes(let more) = FileDescriptor.read(ends[0]) {
            bytes.append(contentsOf: more.prefix(max(0, limit - bytes.count)))
        }
        _ = Self.wait(pid)
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func wait(_ pid: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        return status
    }

    private static func reapLater(_ pid: pid_t) {
        var thread = pthread_t()
        let argument = UnsafeMutableRawPointer(bitPattern: Int(pid))
        let made = pthread_create(
            &thread,
            nil,
            { argument in
                var status: Int32 = 0
                waitpid(pid_t(Int(bitPattern: argument)), &status, 0)
                return nil
            },
            argument
        )
        if made == 0 { pthread_detach(thread) }
    }

    private static func spawn(_ arguments: [String], output: Int32?, detached: Bool) -> pid_t? {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var empty = sigset_t()
        sigemptyset(&empty)
        var all = sigset_t()
        sigemptyset(&all)
        for number in SignalWatch.watched + [SIGPIPE] { sigaddset(&all, number) }
        posix_spawnattr_setsigmask(&attributes, &empty)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if detached {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
            posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
            if let output {
                posix_spawn_file_actions_adddup2(&actions, output, 1)
            } else {
                posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
            }
        }
        var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
        pointers.append(nil)
        defer { for pointer in pointers { free(pointer) } }
        var pid: pid_t = 0
        guard let program = pointers[0], posix_spawnp(&pid, program, &actions, &attributes, pointers, environ) == 0
        else {
            return nil
        }
        return pid
    }
}
