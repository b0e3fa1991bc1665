internal import CPondSys
internal import Glibc

/// A socket in the file system on which other programs give commands, a line each, and read the answer.
final class ControlSocket {
    private let path: String
    private let listener: Int32
    private var clients: [Int32: [UInt8]] = [:]
    private static let lineBytes = 65_536
    /// Begins the answer to a line that does nothing.
    static let errorMark = "error: "

    /// Listens at a path, for this user only; `nil` when that is not possible.
    init?(path: String) {
        guard var address = Self.address(path) else { return nil }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        // A socket that nobody answers is left from a run that crashed.
        if Self.dial(path) == nil { unlink(path) }
        let mask = umask(0o177)
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        umask(mask)
        guard bound == 0, listen(descriptor, 16) == 0 else {
            Glibc.close(descriptor)
            return nil
        }
        self.path = path
        self.listener = descriptor
        Self.setNonblocking(descriptor)
    }

    /// What to wait for.
    var descriptors: [Int32] { [self.listener] + self.clients.keys }

    /// Takes new callers and answers the lines that have come.
    func serve(_ answer: (String) -> String) {
        while true {
            let client = accept(self.listener, nil, nil)
            guard client >= 0 else { break }
            guard self.clients.count < 16 else {
                Glibc.close(client)
                continue
            }
            Self.setNonblocking(client)
            self.clients[client] = []
        }
        for client in Array(self.clients.keys) { self.serve(client, answer) }
    }

    private func serve(_ client: Int32, _ answer: (String) -> String) {
        switch FileDescriptor.read(client) {
        case .nothing: return
        case .ended: self.drop(client)
        case .bytes(let bytes):
            var buffer = (self.clients[client] ?? []) + bytes
            while let end = buffer.firstIndex(of: 0x0A) {
                let reply = answer(String(decoding: buffer[..<end], as: UTF8.self))
                guard FileDescriptor.writeAll(Array(reply.utf8), to: client) else { return self.drop(client) }
                buffer.removeFirst(end + 1)
            }
            if buffer.count > Self.lineBytes { return self.drop(client) }
            self.clients[client] = buffer
        }
    }

    private func drop(_ client: Int32) {
        Glibc.close(client)
        self.clients[client] = nil
    }

    func close() {
        for client in self.clients.keys { Glibc.close(client) }
        Glibc.close(self.listener)
        unlink(self.path)
    }

    /// Gives one command to a running program; gives back its answer, or `nil` when nobody listens there.
    static func send(_ line: String, to path: String) -> String? {
        guard let descriptor = Self.dial(path) else { return nil }
        defer { Glibc.close(descriptor) }
        let oneLine = line.map { $0.isNewline ? " " : String($0) }.joined()
        guard FileDescriptor.writeAll(Array((oneLine + "\n").utf8), to: descriptor) else { return nil }
        shutdown(descriptor, Int32(SHUT_WR))
        var bytes: [UInt8] = []
        while case .bytes(let more) = FileDescriptor.read(descriptor) { bytes += more }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func dial(_ path: String) -> Int32? {
        guard var address = Self.address(path) else { return nil }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        if connected == 0 { return descriptor }
        Glibc.close(descriptor)
        return nil
    }

    private static func setNonblocking(_ descriptor: Int32) {
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    }

    private static func address(_ path: String) -> sockaddr_un? {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard !bytes.isEmpty, bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return address
    }
}
