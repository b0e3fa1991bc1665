import Testing

@testable import PondNet

@Suite struct RouteNewsTests {
    /// One message of the kernel: a head of 16 bytes, then `body`.
    static func message(_ type: UInt16, _ body: [UInt8], length: UInt32? = nil) -> [UInt8] {
        func bytes(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value) { Array($0) } }
        let length = length ?? UInt32(16 + body.count)
        let padding = [UInt8](repeating: 0, count: (4 - body.count % 4) % 4)
        return bytes(length) + bytes(type) + bytes(UInt16(0)) + bytes(UInt32(0)) + bytes(UInt32(0)) + body + padding
    }

    static func route(type: UInt8) -> [UInt8] { [2, 0, 0, 0, 254, 3, 0, type, 0, 0, 0, 0] }

    static func link(_ index: Int32, flags: UInt32) -> [UInt8] {
        [0, 0, 1, 0] + withUnsafeBytes(of: index) { Array($0) } + withUnsafeBytes(of: flags) { Array($0) } + [
            0, 0, 0, 0,
        ]
    }

    static func read(_ news: inout RouteNews, _ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { news.received($0) }
    }

    @Test func hearsOfANewRouteToOtherMachinesAlone() {
        var news = RouteNews()
        #expect(Self.read(&news, Self.message(24, Self.route(type: 1))))
        // A local address, and a route that was removed.
        #expect(!Self.read(&news, Self.message(24, Self.route(type: 2))))
        #expect(!Self.read(&news, Self.message(25, Self.route(type: 1))))
    }

    @Test func hearsOnceOfAnInterfaceThatComesUp() {
        var news = RouteNews()
        let up: UInt32 = 0x1_0041
        #expect(!Self.read(&news, Self.message(16, Self.link(2, flags: 0x1))))
        #expect(Self.read(&news, Self.message(16, Self.link(2, flags: up))))
        #expect(!Self.read(&news, Self.message(16, Self.link(2, flags: up))))
        #expect(!Self.read(&news, Self.message(16, Self.link(2, flags: 0x1))))
        #expect(Self.read(&news, Self.message(16, Self.link(2, flags: up))))
        #expect(!Self.read(&news, Self.message(17, Self.link(2, flags: up))))
        #expect(Self.read(&news, Self.message(16, Self.link(2, flags: up))))
    }

    @Test func readsSeveralMessagesOfOneDatagram() {
        var news = RouteNews()
        let other = Self.message(20, [1, 2, 3, 4, 5])
        #expect(Self.read(&news, other + other + Self.message(24, Self.route(type: 1))))
    }

    @Test func endsAtAMessageWhoseLengthMakesNoSense() {
        var news = RouteNews()
        let route = Self.message(24, Self.route(type: 1))
        for length: UInt32 in [0, 1, 15, 29, 4_000, .max] {
            #expect(!Self.read(&news, Self.message(24, Self.route(type: 1), length: length)))
        }
        #expect(!Self.read(&news, Self.message(20, [], length: 3) + route))
        for end in 0..<route.count { #expect(!Self.read(&news, Array(route[..<end]))) }
    }

    @Test func tellsASuspendFromAClockThatGoesOn() {
        var detector = SuspendDetector(boot: .seconds(100), monotonic: .seconds(100))
        #expect(detector.slept(boot: .seconds(200), monotonic: .seconds(200)) == nil)
        #expect(detector.slept(boot: .seconds(300), monotonic: .milliseconds(299_500)) == nil)
        #expect(detector.slept(boot: .seconds(400), monotonic: .seconds(350)) == .seconds(50))
        #expect(detector.slept(boot: .seconds(410), monotonic: .seconds(360)) == nil)
    }
}
