import Testing

@testable import pond_server

@Suite struct RedisDurabilityTests {
    private let info = "# Persistence\r\nloading:0\r\naof_enabled:1\r\naof_last_write_status:ok\r\n"

    @Test func findsNothingWhereEveryAcknowledgedMessageIsOnTheDisk() {
        let durability = RedisDurability(
            info: self.info,
            settings: ["appendfsync": "always", "maxmemory-policy": "noeviction"]
        )
        #expect(durability.warnings.isEmpty)
    }

    @Test(
        "Says what can be lost",
        arguments: [
            ("aof_enabled:0", "everysec", "noeviction", "appendonly is no"),
            ("aof_enabled:1", "everysec", "noeviction", "appendfsync is everysec"),
            ("aof_enabled:1", "no", "noeviction", "appendfsync is no"),
            ("aof_enabled:1", "always", "allkeys-lru", "maxmemory-policy is allkeys-lru"),
            ("aof_enabled:1\r\naof_last_write_status:err", "always", "noeviction", "cannot write"),
            ("", "always", "noeviction", "does not say"),
        ]
    )
    func saysWhatCanBeLost(_ info: String, _ sync: String, _ eviction: String, _ expected: String) {
        let settings = ["appendfsync": sync, "maxmemory-policy": eviction]
        let warnings = RedisDurability(info: info, settings: settings).warnings
        #expect(warnings.count == 1)
        #expect(warnings.first?.contains(expected) == true, "\(warnings)")
    }

    @Test func warnsWhereTheSettingsAreForbidden() {
        #expect(RedisDurability(info: self.info, settings: [:]).warnings.count == 1)
    }
}
