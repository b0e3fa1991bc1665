import CPondSys
import Glibc

/// The least that a server can do for `fanout` and `echo`: no JSON, no limits, one send for each connection a turn.
///
/// What a real server costs above this is its own doing; what this costs is the kernel's. Only for the load of this
/// program: it knows the key that every connection asks with.
final class FloorServer {
    private final class Connection {
        let descriptor: Int32
        var isUpgraded = false
        var input: [UInt8] = []
        var output: [UInt8] = []
        var isDirty = false

        init(_ descriptor: Int32) { self.descriptor = descriptor }
    }

    private static let upgrade = """
        HTTP/1.1 101 Switching Protocols\r
        Upgrade: websocket\r
        Connection: Upgrade\r
        Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r
        \r\n
        """

    private let epoll = epoll_create1(0)
    private let listener: Int32
    private var connections: [Int32: Connection] = [:]
    private var channels: [String: [Connection]] = [:]
    private var dirty: [Connection] = []
    private var buffer = [UInt8](repeating: 0, count: 256 * 1024)

    init?(port: UInt16) {
        self.listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var yes: Int32 = 1
        setsockopt(self.listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(self.listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard bound == 0, listen(self.listener, 1024) == 0 else { return nil }
        self.watch(self.listener)
    }

    /// Serves until it is killed.
    func run() -> Never {
        let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: 512)
        while true {
            let count = Int(epoll_wait(self.epoll, events, 512, -1))
            for index in 0..<max(count, 0) {
                let descriptor = Int32(truncatingIfNeeded: pond_epoll_data(events + index))
                if descriptor == self.listener { self.accept() } else { self.read(descriptor) }
            }
            for connection in self.dirty {
                send(connection.descriptor, connection.output, connection.output.count, Int32(MSG_NOSIGNAL))
                connection.output.removeAll(keepingCapacity: true)
                connection.isDirty = false
            }
            self.dirty.removeAll(keepingCapacity: true)
        }
    }

    private func watch(_ descriptor: Int32) {
        var event = pond_epoll_event(EPOLLIN.rawValue, UInt64(descriptor))
        epoll_ctl(self.epoll, EPOLL_CTL_ADD, descriptor, &event)
    }

    private func accept() {
        let descriptor = Glibc.accept(self.listener, nil, nil)
        guard descriptor >= 0 else { return }
        var yes: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
        self.connections[descriptor] = Connection(descriptor)
        self.watch(descriptor)
    }

    private func read(_ descriptor: Int32) {
        guard let connection = self.connections[descriptor] else { return }
        let count = recv(descriptor, &self.buffer, self.buffer.count, 0)
        guard count > 0 else { return self.drop(connection) }
        connection.input.append(contentsOf: self.buffer[..<count])
        if !connection.isUpgraded {
            guard connection.input.suffix(4) == [13, 10, 13, 10] else { return }
            connection.isUpgraded = true
            connection.input = []
            self.write(Array(Self.upgrade.utf8), to: connection)
            self.write(Self.frame(Array(#"{"action":"CONNECT","event":"CONNECTION"}"#.utf8)), to: connection)
        }
        while let text = Self.nextText(&connection.input) { self.handle(text, connection) }
    }

    private func drop(_ connection: Connection) {
        close(connection.descriptor)
        self.connections[connection.descriptor] = nil
        for name in self.channels.keys { self.channels[name]?.removeAll { $0 === connection } }
    }

    private func handle(_ text: [UInt8], _ connection: Connection) {
        // {"action":"BROADCAST","event":"message"… and {"action":"JOIN_CHANNEL"…: the first letters tell.
        if text[11] == UInt8(ascii: "J") {
            self.channels[Self.channelName(text), default: []].append(connection)
            self.write(Self.frame(Array(#"{"action":"SYSTEM","event":"ACKNOWLEDGE"}"#.utf8)), to: connection)
        } else if text[31] == UInt8(ascii: "e") {
            self.write(Self.frame(text), to: connection)
        } else {
            let frame = Self.frame(text)
            for member in self.channels[Self.channelName(text)] ?? [] { self.write(frame, to: member) }
        }
    }

    private func write(_ bytes: [UInt8], to connection: Connection) {
        connection.output.append(contentsOf: bytes)
        guard !connection.isDirty else { return }
        connection.isDirty = true
        self.dirty.append(connection)
    }

    private static func channelName(_ text: [UInt8]) -> String {
        let start = text.firstIndex(of: UInt8(ascii: "/")) ?? 0
        return String(decoding: text[start...].prefix { $0 != UInt8(ascii: "\"") }, as: UTF8.self)
    }

    private static func frame(_ text: [UInt8]) -> [UInt8] {
        text.count <= 125
            ? [0x81, UInt8(text.count)] + text
            : [0x81, 126, UInt8(text.count >> 8), UInt8(text.count & 255)] + text
    }

    /// Takes one masked frame of less than 64 KB out of the input.
    private static func nextText(_ input: inout [UInt8]) -> [UInt8]? {
        guard input.count >= 6 else { return nil }
        let short = Int(input[1] & 127)
        let header = short == 126 ? 8 : 6
        let length = short == 126 ? Int(input[2]) << 8 | Int(input[3]) : short
        guard input.count >= header + length else { return nil }
        var text = Array(input[header..<header + length])
        for index in text.indices { text[index] ^= input[header - 4 + index & 3] }
        input.removeFirst(header + length)
        return text.count > 31 ? text : nil
    }
}
