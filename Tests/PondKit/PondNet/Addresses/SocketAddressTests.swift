import Testing

@testable import PondNet
@testable import PondRuntime

@Suite struct SocketAddressTests {
    @Test(arguments: [
        ("127.0.0.1", 80, "127.0.0.1:80"),
        ("::1", 443, "[::1]:443"),
        ("2001:db8::ff", 1, "[2001:db8::ff]:1"),
        ("::ffff:10.1.2.3", 9, "10.1.2.3:9"),
    ])
    func readsAndWritesLiterals(text: String, port: Int, expected: String) throws {
        let address = try #require(SocketAddress(ip: text, port: port))
        #expect(address.description == expected)
        #expect(address.port == port)
    }

    @Test(arguments: [("localhost", 80), ("1.2.3", 80), ("", 80), ("127.0.0.1", 65536), ("127.0.0.1", -1), ("%", 1)])
    func refusesWhatIsNoAddress(text: String, port: Int) {
        #expect(SocketAddress(ip: text, port: port) == nil)
    }

    @Test func aUnixPathThatIsTooLongIsAnErrorAndNotATrap() {
        let address = SocketAddress.unix(String(repeating: "x", count: 200))
        #expect(throws: SystemError.self) {
            _ = try address.withSockaddr { (_, length) throws(SystemError) in length }
        }
    }
}
