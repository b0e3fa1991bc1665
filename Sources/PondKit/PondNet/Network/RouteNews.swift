/// Reads the kernel's messages about routes and interfaces (rtnetlink). It holds no socket.
struct RouteNews {
    private static let newLink: UInt16 = 16
    private static let deletedLink: UInt16 = 17
    private static let newRoute: UInt16 = 24
    private static let headBytes = 16
    /// `IFF_UP`, `IFF_RUNNING` and `IFF_LOWER_UP`: configured, and with a carrier.
    private static let usableFlags: UInt32 = 0x1_0041
    /// `RTN_UNICAST`: a route to other machines.
    private static let unicast: UInt8 = 1
    /// More interfaces than this are not told apart.
    private static let mostInterfaces = 4_096

    /// The interfaces that are up.
    private var usable: Set<Int32> = []

    init() {}

    /// Reads one datagram. Returns whether a route was added or an interface came up.
    mutating func received(_ datagram: UnsafeRawBufferPointer) -> Bool {
        var isConnected = false
        var rest = datagram[...]
        while rest.count >= Self.headBytes {
            let message = UnsafeRawBufferPointer(rebasing: rest)
            let length = Int(message.loadUnaligned(as: UInt32.self))
            guard length >= Self.headBytes, length <= message.count else { break }
            let type = message.loadUnaligned(fromByteOffset: 4, as: UInt16.self)
            let body = UnsafeRawBufferPointer(rebasing: message[Self.headBytes..<length])
            if self.read(type, body) { isConnected = true }
            rest = rest.dropFirst(min(rest.count, (length + 3) & ~3))
        }
        return isConnected
    }

    private mutating func read(_ type: UInt16, _ body: UnsafeRawBufferPointer) -> Bool {
        switch type {
        // rtmsg: the type of the route is its eighth byte.
        case Self.newRoute: return body.count >= 12 && body[7] == Self.unicast
        // ifinfomsg: family, padding, type (2), index (4), flags (4), changed (4).
        case Self.newLink:
            guard body.count >= 16 else { return false }
            let index = body.loadUnaligned(fromByteOffset: 4, as: Int32.self)
            let flags = body.loadUnaligned(fromByteOffset: 8, as: UInt32.self)
            guard flags & Self.usableFlags == Self.usableFlags else {
                self.usable.remove(index)
                return false
            }
            guard self.usable.count < Self.mostInterfaces else { return false }
            return self.usable.insert(index).inserted
        case Self.deletedLink:
            if body.count >= 8 { self.usable.remove(body.loadUnaligned(fromByteOffset: 4, as: Int32.self)) }
            return false
        default: return false
        }
    }
}
