/// What the command line asks for.
struct BenchOptions {
    /// What is measured.
    enum Mode: String, CaseIterable {
        /// One sender and many receivers in each channel.
        case fanout
        /// One sender on one server and many receivers on another one of its cluster, in each channel.
        case cluster
        /// Every connection asks and is answered.
        case echo
        /// Connections that do nothing: memory.
        case idle
        /// Connecting and joining, as fast as it goes.
        case storm
        /// Clients that lose one server at once: how far apart they come back.
        case reconnect
        /// Pieces of the library without a server.
        case micro
        /// A server that does the least that can be done, to compare others with.
        case floor
    }

    var mode: Mode
    var host = "127.0.0.1"
    var port = 8080
    var path = "/socket"
    /// cluster: where the receivers connect.
    var otherPort: Int?
    /// What the channels' names begin with.
    var room = "/bench"
    /// The server's process, for its processor time and memory.
    var pid: Int32?
    var channels = 1
    /// Connections in each channel.
    var members = 100
    /// Messages a second over all channels, at their due times whatever the server does; 0: as many as the window lets.
    var rate = 0.0
    /// Messages of one channel that are on their way at a time when there is no rate.
    var window = 1
    var seconds = 5.0
    var warmUp = 1.0
    /// Bytes of padding in each payload.
    var payload = 100
    /// Connections being set up at a time.
    var concurrency = 64
    /// Whether each delivery is parsed and all of it checked, not its number only.
    var verifies = false
    /// One line of `key=value` for scripts instead of a table.
    var isTerse = false

    static let usage = """
        usage: pond-bench fanout|cluster|echo|idle|storm|reconnect|micro|floor [options]
          --port PORT                 floor: where to listen
          --url ws://HOST:PORT/PATH   the server; /bench/:id there broadcasts `message` and answers `echo`
          --other-port PORT           cluster: the server of the receivers, on the same host
          --room /NAME                what the channels' names begin with, in place of /bench
          --pid PID                   the server's process, to measure its processor time and memory
          --channels N --members N    N channels with N connections each (echo, reconnect: members is all connections)
          --rate R                    messages a second at their due times (open loop); latency counts from then
          --window W                  without a rate: messages of a channel on their way at a time (closed loop)
          --seconds S --warm-up S --payload BYTES --concurrency N
          --verify                    parse every delivery and check channel, event and payload
          --terse                     one line of key=value
        """

    init?(_ arguments: [String]) {
        var rest = arguments[...]
        guard let name = rest.popFirst(), let mode = Mode(rawValue: name) else { return nil }
        self.mode = mode
        if mode == .echo { self.members = 64 }
        if mode == .reconnect { self.members = 1_000 }
        while let flag = rest.popFirst() {
            switch flag {
            case "--verify": self.verifies = true
            case "--terse": self.isTerse = true
            default:
                guard let value = rest.popFirst(), self.set(flag, value) else { return nil }
            }
        }
    }

    private mutating func set(_ flag: String, _ value: String) -> Bool {
        switch flag {
        case "--url": return self.set(url: value)
        case "--port": return Self.assign(Int(value), to: &self.port)
        case "--other-port": return Self.assign(Int(value), to: &self.otherPort)
        case "--room": return Self.assign(value, to: &self.room)
        case "--pid": return Self.assign(Int32(value), to: &self.pid)
        case "--channels": return Self.assign(Int(value), to: &self.channels)
        case "--members": return Self.assign(Int(value), to: &self.members)
        case "--rate": return Self.assign(Double(value), to: &self.rate)
        case "--window": return Self.assign(Int(value), to: &self.window)
        case "--seconds": return Self.assign(Double(value), to: &self.seconds)
        case "--warm-up": return Self.assign(Double(value), to: &self.warmUp)
        case "--payload": return Self.assign(Int(value), to: &self.payload)
        case "--concurrency": return Self.assign(Int(value), to: &self.concurrency)
        default: return false
        }
    }

    private static func assign<Value>(_ value: Value?, to target: inout Value) -> Bool {
        guard let value else { return false }
        target = value
        return true
    }

    private static func assign<Value>(_ value: Value?, to target: inout Value?) -> Bool {
        target = value
        return value != nil
    }

    private mutating func set(url: String) -> Bool {
        let scheme = "ws://"
        guard url.hasPrefix(scheme) else { return false }
        let rest = url.dropFirst(scheme.count)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let authority = rest[..<slash].split(separator: ":", maxSplits: 1)
        guard let host = authority.first, let port = authority.count == 2 ? Int(authority[1]) : 80 else { return false }
        self.host = String(host)
        self.port = port
        self.path = slash == rest.endIndex ? "/" : String(rest[slash...])
        return true
    }
}
