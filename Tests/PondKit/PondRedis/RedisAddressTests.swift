import Testing

@testable import PondRedis

@Suite struct RedisAddressTests {
    @Test func readsEveryPartOfAURL() throws {
        let table: [(url: String, address: RedisAddress)] = [
            ("redis://localhost", RedisAddress(host: "localhost")),
            ("redis://localhost/", RedisAddress(host: "localhost")),
            ("redis://h:1234/3", RedisAddress(host: "h", port: 1234, database: 3)),
            ("rediss://h", RedisAddress(host: "h", isSecure: true)),
            ("redis://:secret@h", RedisAddress(host: "h", password: "secret")),
            ("redis://ann:p%40ss%3Aword@h:1", RedisAddress(host: "h", port: 1, user: "ann", password: "p@ss:word")),
            ("redis://ann:a:b@h", RedisAddress(host: "h", user: "ann", password: "a:b")),
            ("redis://[::1]:7000/0?x=y", RedisAddress(host: "::1", port: 7000)),
            ("redis://[::1]", RedisAddress(host: "::1")),
        ]
        for row in table { #expect(try RedisAddress(url: row.url) == row.address, "\(row.url)") }
    }

    @Test func refusesWhatIsNoURLAndDoesNotRepeatIt() {
        for url in [
            "", "h", "http://h", "redis://", "redis://h:0", "redis://h:65536", "redis://h:x", "redis://h/x",
            "redis://h/-1",
            "redis://u:%zz@secret", "redis://u:%2@h", "redis://u:%ff@h", "redis://[::1", "redis://:1",
        ] {
            #expect("\(url)") { try RedisAddress(url: url) } throws: { error in
                !"\(error)".contains("secret")
            }
        }
    }

    @Test func introducesItselfWithWhatItHas() {
        #expect(RedisAddress().greeting == [["PING"]])
        #expect(RedisAddress(password: "p", database: 2).greeting == [["AUTH", "p"], ["SELECT", "2"], ["PING"]])
        #expect(RedisAddress(user: "u", password: "p").greeting == [["AUTH", "u", "p"], ["PING"]])
    }

    @Test func itsDescriptionTellsNoSecret() {
        let address = RedisAddress(host: "::1", isSecure: true, user: "ann", password: "secret", database: 1)
        #expect(address.description == "rediss://[::1]:6379/1")
    }
}
