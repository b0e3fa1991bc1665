import Testing

@testable import PondCore

@Suite struct AddressRangeTests {
    @Test(
        "A range holds the addresses of its network and no other",
        arguments: [
            ("203.0.113.5", "203.0.113.5", true), ("203.0.113.5", "203.0.113.6", false),
            ("203.0.113.0/24", "203.0.113.255", true), ("203.0.113.0/24", "203.0.112.255", false),
            ("203.0.113.77/24", "203.0.113.1", true), ("10.0.0.0/9", "10.127.0.1", true),
            ("10.0.0.0/9", "10.128.0.1", false), ("0.0.0.0/0", "8.8.8.8", true), ("0.0.0.0/0", "::1", false),
            ("2001:db8::/32", "2001:db8:ffff::1", true), ("2001:db8::/32", "2001:db9::1", false),
            ("::1", "0:0:0:0:0:0:0:1", true), ("203.0.113.5", "::ffff:203.0.113.5", true),
            ("203.0.113.5", "nonsense", false), ("::/0", "fe80::1", true), ("::/0", "1.2.3.4", false),
            ("1::", "1:0:0:0:0:0:0:0", true), ("::ffff:0:0/96", "::fffe:1.2.3.4", false),
            ("::ffff:10.0.0.0/104", "10.9.9.9", true),
        ]
    )
    func holds(_ range: String, _ address: String, _ expected: Bool) throws {
        #expect(try #require(AddressRange(range)).contains(address) == expected)
    }

    @Test(arguments: [
        ("203.0.113.5", "203.0.113.5"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"), ("::ffff:203.0.113.5", "203.0.113.5"), ("::1", "::/64"),
        ("unix", "unix"),
    ])
    func limitsCountAnIPv6AddressUnderItsNetwork(_ address: String, _ key: String) {
        #expect(AddressRange.limitKey(of: address) == key)
    }

    @Test(
        "What is no address makes no range",
        arguments: [
            "", "here", "10.0.0", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/", "::/129", "1.2.3.4/8/8",
            "01.2.3.4", "1.2.3.256",
            ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "::1.2.3", "12345::", "+1::", "1.2.3.4::", ":1",
        ]
    )
    func refused(_ text: String) { #expect(AddressRange(text) == nil) }

    @Test(
        "A range is written in one way",
        arguments: [
            ("203.0.113.77/24", "203.0.113.0/24"), ("2001:DB8:0::1", "2001:db8::1"), ("::", "::"),
            ("0:0:1:0:0:0:0:1", "0:0:1::1"), ("1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"), ("fe80::/10", "fe80::/10"),
        ]
    )
    func written(_ text: String, _ expected: String) throws {
        #expect(try #require(AddressRange(text)).description == expected)
    }
}
