import Glibc
import PondKit

/// Reports the state of the program to a service manager such as systemd, over the datagram socket in NOTIFY_SOCKET.
struct ServiceManager: Sendable {
    enum State: String, Sendable {
        /// The server listens.
        case ready = "READY=1"
        /// The server drains its connections and ends.
        case stopping = "STOPPING=1"
        /// Every event loop turns.
        case alive = "WATCHDOG=1"
    }

    private let path: String
    /// The longest time between two reports of `alive`; `nil` where the manager expects none.
    let watchdog: Duration?

    /// `nil` where no service manager started the program, or it names no socket.
    init?(_ environment: [String: String], process: Int32 = getpid()) {
        guard let path = environment["NOTIFY_SOCKET"], path.hasPrefix("/") || path.hasPrefix("@"), path.utf8.count > 1
        else { return nil }
        self.path = path
        let isMeant = environment["WATCHDOG_PID"].map { $0 == "\(process)" } ?? true
        let time = environment["WATCHDOG_USEC"].flatMap { Int64($0) } ?? 0
        self.watchdog = isMeant && time > 0 ? .microseconds(time) : nil
    }

    /// Sends a state; `false` where the manager does not take it.
    @discardableResult
    func report(_ state: State) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(self.path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
        // A name of the abstract namespace begins with a zero byte.
        if bytes[0] == UInt8(ascii: "@") { bytes[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let length = socklen_t((MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2) + bytes.count)
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        let message = Array(state.rawValue.utf8)
        let sent = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, message, message.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT), $0, length)
            }
        }
        return sent == message.count
    }

    /// Reports `alive` three times in `watchdog`, as long as every loop turns: a loop that hangs ends the reports.
    func watch(_ loops: [EventLoop]) {
        guard let watchdog = self.watchdog else { return }
        self.visit(0, of: loops, every: watchdog / 3)
    }

    private func visit(_ index: Int, of loops: [EventLoop], every interval: Duration) {
        guard loops.indices.contains(index) else { return }
        let loop = loops[index]
        loop.execute {
            if index + 1 < loops.count { return self.visit(index + 1, of: loops, every: interval) }
            self.report(.alive)
            loop.schedule(after: interval) { self.visit(0, of: loops, every: interval) }
        }
    }
}
