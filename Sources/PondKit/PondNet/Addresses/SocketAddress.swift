internal import CPondSys
internal import Glibc
import PondRuntime

/// Where a socket is or leads to: an IP address and a port, or the path of a Unix socket.
public struct SocketAddress: Sendable, Hashable {
    enum Storage: Sendable, Hashable {
        /// Address and port in the machine's byte order.
        case v4(UInt32, port: UInt16)
        case v6(high: UInt64, low: UInt64, scope: UInt32, port: UInt16)
        case unix(String)
        case unnamed
    }

    let storage: Storage

    init(_ storage: Storage) { self.storage = storage }

    /// An address from an IP literal such as `127.0.0.1` or `::1`; nil when it is neither.
    public init?(ip text: String, port: Int) {
        guard let port = UInt16(exactly: port) else { return nil }
        var v4 = in_addr()
        if inet_pton(AF_INET, text, &v4) == 1 {
            self.init(.v4(UInt32(bigEndian: v4.s_addr), port: port))
            return
        }
        let parts = text.split(separator: "%", maxSplits: 1)
        guard let bare = parts.first else { return nil }
        var v6 = in6_addr()
        guard inet_pton(AF_INET6, String(bare), &v6) == 1 else { return nil }
        let scope = parts.count == 2 ? Self.scope(String(parts[1])) : 0
        self.init(Self.v6(v6, scope: scope, port: port))
    }

    /// The address of a Unix socket.
    public static func unix(_ path: String) -> SocketAddress { SocketAddress(.unix(path)) }

    /// The port; nil for a Unix socket.
    public var port: Int? {
        switch self.storage {
        case .v4(_, let port), .v6(_, _, _, let port): Int(port)
        case .unix, .unnamed: nil
        }
    }

    /// The address without the port: an IP literal, or the path of a Unix socket.
    public var host: String {
        switch self.storage {
        case .v4(let address, _):
            return "\(address >> 24).\(address >> 16 & 255).\(address >> 8 & 255).\(address & 255)"
        case .v6(let high, let low, let scope, _):
            var address = in6_addr()
            Self.fill(&address, high: high, low: low)
            let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
                guard let base = buffer.baseAddress else { return "::" }
                inet_ntop(AF_INET6, &address, base, socklen_t(buffer.count))
                return String(cString: base)
            }
            return scope == 0 ? text : "\(text)%\(scope)"
        case .unix(let path): return path
        case .unnamed: return ""
        }
    }

    /// Whether it is an IPv6 address.
    public var isIPv6: Bool {
        if case .v6 = self.storage { true } else { false }
    }

    /// The same address with another port.
    func with(port: UInt16) -> SocketAddress {
        switch self.storage {
        case .v4(let address, _): SocketAddress(.v4(address, port: port))
        case .v6(let high, let low, let scope, _):
            SocketAddress(.v6(high: high, low: low, scope: scope, port: port))
        case .unix, .unnamed: self
        }
    }

    /// What the limits of one address count under: see `AddressRange.limitKey(of:)`.
    var network: SocketAddress {
        guard case .v6(let high, _, let scope, _) = self.storage else { return self.with(port: 0) }
        return SocketAddress(.v6(high: high, low: 0, scope: scope, port: 0))
    }

    var family: Int32 {
        switch self.storage {
        case .v4: AF_INET
        case .v6: AF_INET6
        case .unix, .unnamed: AF_UNIX
        }
    }

    private static func scope(_ name: String) -> UInt32 { UInt32(name) ?? if_nametoindex(name) }

    /// An IPv4 address that arrived in IPv6's clothes is an IPv4 address.
    private static func v6(_ address: in6_addr, scope: UInt32, port: UInt16) -> Storage {
        let (high, low) = withUnsafeBytes(of: address) { bytes in
            (
                UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            )
        }
        if high == 0, low >> 32 == 0xffff { return .v4(UInt32(truncatingIfNeeded: low), port: port) }
        return .v6(high: high, low: low, scope: scope, port: port)
    }

    private static func fill(_ address: inout in6_addr, high: UInt64, low: UInt64) {
        withUnsafeMutableBytes(of: &address) { bytes in
            bytes.storeBytes(of: high.bigEndian, as: UInt64.self)
            bytes.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
    }
}

extension SocketAddress {
    init(_ storage: sockaddr_storage, length: socklen_t) {
        self = withUnsafeBytes(of: storage) { bytes in
            switch Int32(storage.ss_family) {
            case AF_INET where Int(length) >= MemoryLayout<sockaddr_in>.size:
                let address = bytes.loadUnaligned(as: sockaddr_in.self)
                return SocketAddress(
                    .v4(UInt32(bigEndian: address.sin_addr.s_addr), port: UInt16(bigEndian: address.sin_port))
                )
            case AF_INET6 where Int(length) >= MemoryLayout<sockaddr_in6>.size:
                let address = bytes.loadUnaligned(as: sockaddr_in6.self)
                let port = UInt16(bigEndian: address.sin6_port)
                return SocketAddress(Self.v6(address.sin6_addr, scope: address.sin6_scope_id, port: port))
            case AF_UNIX:
                let offset = MemoryLayout<sa_family_t>.size
                guard Int(length) > offset else { return SocketAddress(.unnamed) }
                let path = bytes[offset..<min(Int(length), bytes.count)].prefix { $0 != 0 }
                return SocketAddress(path.isEmpty ? .unnamed : .unix(String(decoding: path, as: UTF8.self)))
            default:
                return SocketAddress(.unnamed)
            }
        }
    }

    func withSockaddr<Result>(
        _ body: (UnsafePointer<sockaddr>, socklen_t) throws(SystemError) -> Result
    ) throws(SystemError) -> Result {
        var storage = sockaddr_storage()
        let length = try self.fill(&storage)
        return try withUnsafePointer(to: &storage) { (pointer) throws(SystemError) in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { (address) throws(SystemError) in
                try body(address, length)
            }
        }
    }

    private func fill(_ storage: inout sockaddr_storage) throws(SystemError) -> socklen_t {
        switch self.storage {
        case .v4(let address, let port):
            var value = sockaddr_in()
            value.sin_family = sa_family_t(AF_INET)
            value.sin_port = port.bigEndian
            value.sin_addr.s_addr = address.bigEndian
            withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: value, as: sockaddr_in.self) }
            return socklen_t(MemoryLayout<sockaddr_in>.size)
        case .v6(let high, let low, let scope, let port):
            var value = sockaddr_in6()
            value.sin6_family = sa_family_t(AF_INET6)
            value.sin6_port = port.bigEndian
            value.sin6_scope_id = scope
            Self.fill(&value.sin6_addr, high: high, low: low)
            withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: value, as: sockaddr_in6.self) }
            return socklen_t(MemoryLayout<sockaddr_in6>.size)
        case .unix(let path):
            let bytes = Array(path.utf8)
            let offset = MemoryLayout<sa_family_t>.size
            // The path and the zero after it have 108 bytes.
            guard !bytes.isEmpty, bytes.count < 108 else { throw SystemError(code: ENAMETOOLONG) }
            storage.ss_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &storage) { $0[offset...].copyBytes(from: bytes) }
            return socklen_t(offset + bytes.count + 1)
        case .unnamed:
            throw SystemError(code: EINVAL)
        }
    }
}

extension SocketAddress: CustomStringConvertible {
    /// `127.0.0.1:80`, `[::1]:80`, `unix:/path`.
    public var description: String {
        switch self.storage {
        case .v4(_, let port): "\(self.host):\(port)"
        case .v6(_, _, _, let port): "[\(self.host)]:\(port)"
        case .unix(let path): "unix:\(path)"
        case .unnamed: "unnamed"
        }
    }
}
