import Testing

@testable import PondCore
@testable import PondNet
@testable import PondRuntime

@Suite(.timeLimit(.minutes(1))) struct ConnectorTests {
    private struct Names: AddressSource {
        let answer: Result<[SocketAddress], PondError>

        func addresses(of host: String, port: Int) throws(PondError) -> [SocketAddress] { try self.answer.get() }
    }

    private func connect(
        to host: String,
        port: Int,
        on loop: EventLoop,
        names: Result<[SocketAddress], PondError>,
        deadline: Duration = .seconds(10)
    ) async throws -> SocketAddress {
        let resolver = Resolver(source: Names(answer: names))
        return try await withCheckedThrowingContinuation { continuation in
            loop.execute {
                Connector.connect(to: host, port: port, on: loop, deadline: deadline, resolver: resolver) { result in
                    continuation.resume(with: result.map(\.remoteAddress))
                    if case .success(let channel) = result { channel.abort() }
                }
            }
        }
    }

    @Test func passesOverAnAddressThatRefuses() async throws {
        let net = try await Loopback()
        let good = net.listener.address
        let port = try #require(good.port)
        // Nobody listens there.
        let bad = try #require(SocketAddress(ip: "127.0.0.77", port: port))
        let reached = try await self.connect(to: "x", port: port, on: net.clientLoop, names: .success([bad, good]))
        #expect(reached == good)
        await net.stop()
    }

    @Test func saysWhyEveryAddressFailed() async throws {
        let net = try await Loopback()
        let port = try #require(net.listener.address.port)
        let bad = try #require(SocketAddress(ip: "127.0.0.77", port: port))
        let error = await #expect(throws: PondError.self) {
            _ = try await self.connect(to: "x", port: port, on: net.clientLoop, names: .success([bad]))
        }
        #expect(error?.message == "Cannot connect to x:\(port): Connection refused")
        #expect(error?.temporary == true)
        await net.stop()
    }

    @Test func passesOnThatANameIsUnknown() async throws {
        let net = try await Loopback()
        let unknown = PondError(code: 503, kind: .transport, message: "Cannot find x", temporary: true)
        let error = await #expect(throws: PondError.self) {
            _ = try await self.connect(to: "x", port: 1, on: net.clientLoop, names: .failure(unknown))
        }
        #expect(error == unknown)
        await net.stop()
    }

    @Test func givesUpAtTheDeadline() async throws {
        let net = try await Loopback()
        // A listener whose queue is full answers no more: the attempt hangs.
        let full = try System.socket(2)
        try System.bind(full, to: try #require(SocketAddress(ip: "127.0.0.1", port: 0)))
        try System.listen(full, backlog: 0)
        let address = try System.localAddress(of: full)
        var fillers: [Int32] = []
        for _ in 0..<4 {
            let filler = try System.socket(2)
            try? System.connect(filler, to: address)
            fillers.append(filler)
        }
        let error = await #expect(throws: PondError.self) {
            _ = try await self.connect(
                to: "x",
                port: address.port ?? 0,
                on: net.clientLoop,
                names: .success([address]),
                deadline: .milliseconds(50)
            )
        }
        #expect(error?.kind == .timeout)
        for descriptor in fillers + [full] { System.close(descriptor) }
        await net.stop()
    }

    @Test(arguments: ["localhost", "LocalHost", "app.localhost"])
    func findsThisMachineWhereNoFileOfHostsNamesIt(name: String) {
        #expect(SystemAddressSource.ofThisMachine(name, port: 80)?.map(\.host) == ["127.0.0.1", "::1"])
    }

    @Test(arguments: ["localhost.example.com", "notlocalhost", "localhos"])
    func takesNoOtherNameForThisMachine(name: String) {
        #expect(SystemAddressSource.ofThisMachine(name, port: 80) == nil)
    }

    @Test func findsLocalhost() async throws {
        let addresses = try SystemAddressSource().addresses(of: "localhost", port: 80)
        #expect(addresses.contains { $0.host == "127.0.0.1" || $0.host == "::1" })
        #expect(throws: PondError.self) { _ = try SystemAddressSource().addresses(of: "nowhere.invalid", port: 80) }
    }
}
