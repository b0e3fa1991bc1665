internal import CPondSys
internal import Glibc
package import PondCore

/// Where the addresses of a host come from; asked on a thread that may wait.
package protocol AddressSource: Sendable {
    /// The addresses of a host, best first, never empty.
    func addresses(of host: String, port: Int) throws(PondError) -> [SocketAddress]
}

/// The system's resolver.
package struct SystemAddressSource: AddressSource {
    package init() {}

    package func addresses(of host: String, port: Int) throws(PondError) -> [SocketAddress] {
        guard let port = UInt16(exactly: port) else { throw PondError.badRequest("\(port) is not a port") }
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_ADDRCONFIG
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, nil, &hints, &list)
        defer { if let list { freeaddrinfo(list) } }
        guard code == 0 else {
            if let addresses = Self.ofThisMachine(host, port: port) { return addresses }
            throw Self.failure("Cannot find \(host): \(String(cString: gai_strerror(code)))")
        }
        var found: [SocketAddress] = []
        var next = list
        while let entry = next {
            if let address = entry.pointee.ai_addr {
                var storage = sockaddr_storage()
                let length = min(Int(entry.pointee.ai_addrlen), MemoryLayout<sockaddr_storage>.size)
                withUnsafeMutableBytes(of: &storage) {
                    $0.copyMemory(from: UnsafeRawBufferPointer(start: address, count: length))
                }
                let parsed = SocketAddress(storage, length: socklen_t(length)).with(port: port)
                if !found.contains(parsed) { found.append(parsed) }
            }
            next = entry.pointee.ai_next
        }
        guard !found.isEmpty else { throw Self.failure("Cannot find \(host): no address") }
        return found
    }

    /// The addresses of a name that means this machine wherever it is said: a small system may have no file of hosts.
    static func ofThisMachine(_ host: String, port: UInt16) -> [SocketAddress]? {
        let name = host.lowercased()
        guard name == "localhost" || name.hasSuffix(".localhost") else { return nil }
        return ["127.0.0.1", "::1"].compactMap { SocketAddress(ip: $0, port: Int(port)) }
    }

    private static func failure(_ message: String) -> PondError {
        PondError(code: 503, kind: .transport, message: message, temporary: true)
    }
}
