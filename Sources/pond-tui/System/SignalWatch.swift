internal import CPondSys
internal import Glibc

/// The signals a terminal program must answer, as a descriptor. Made before any other thread, so that all have them blocked.
struct SignalWatch: Sendable {
    let descriptor: Int32
    static let watched = [SIGWINCH, SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT]

    init() {
        var set = Self.set()
        pthread_sigmask(SIG_BLOCK, &set, nil)
        self.descriptor = signalfd(-1, &set, Int32(SFD_NONBLOCK) | Int32(SFD_CLOEXEC))
        signal(SIGPIPE, SIG_IGN)
    }

    /// The signals that have come.
    func take() -> [Int32] {
        var signals: [Int32] = []
        var info = signalfd_siginfo()
        while read(self.descriptor, &info, MemoryLayout<signalfd_siginfo>.size) == MemoryLayout<signalfd_siginfo>.size {
            signals.append(Int32(info.ssi_signo))
        }
        return signals
    }

    /// Lets a signal do what it does by default, to the whole process group or to this process.
    static func obey(_ number: Int32, group: Bool) {
        signal(number, SIG_DFL)
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, number)
        kill(group ? 0 : getpid(), number)
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
        // A stopped process goes on here.
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    private static func set() -> sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for number in Self.watched { sigaddset(&set, number) }
        return set
    }
}
