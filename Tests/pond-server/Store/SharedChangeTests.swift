import PondChat
import PondKit
import Testing

@testable import pond_server

/// What servers tell each other of what they changed.
@Suite struct SharedChangeTests {
    private let now = ChatTime(milliseconds: 1_700_000_000_000)

    private func changes() throws -> [SharedChange] {
        let fixture = try StoreFixture()
        let room = try RoomName("garden")
        let range = try #require(AddressRange("203.0.113.0/24"))
        return [
            .impose(
                Sanction(
                    kind: .ban,
                    channel: .lobby(room),
                    user: fixture.bob,
                    until: nil,
                    reason: "loud",
                    by: fixture.alice,
                    at: self.now
                )
            ),
            .impose(AddressBan(range: range, until: nil, reason: nil, at: self.now)),
            .save(StoredRoom(room: room, topic: "Roses", slowSeconds: 5, permanent: false), at: self.now),
            SharedChange(password: SharedChange.Password(user: fixture.alice, hash: "hash", at: self.now)),
            SharedChange(role: SharedChange.Role(user: fixture.alice, role: .moderator, at: self.now)),
            SharedChange(tokensFrom: SharedChange.Named(user: fixture.bob, at: self.now)),
            SharedChange(voided: SharedChange.Token(id: "abc", until: self.now + .seconds(60))),
        ]
    }

    @Test("What holds on one server, told to another, holds there")
    func facts() async throws {
        let (changes, now) = (try self.changes(), self.now)
        let told = try await ChatStore(.memory).write { (tables: ChatTables) throws(SQLiteFault) in
            for change in changes { try tables.apply(change) }
            return try tables.facts(at: now)
        }
        #expect(Set(told.map(\.place)) == Set(changes.map(\.place)))
        let again = try await ChatStore(.memory).write { (tables: ChatTables) throws(SQLiteFault) in
            for change in told { try tables.apply(change) }
            return try tables.facts(at: now)
        }
        #expect(again == told)
    }

    @Test("What ends something stands in the place of what began it")
    func places() throws {
        let fixture = try StoreFixture()
        let room = try RoomName("garden")
        let places = try self.changes().map(\.place)
        #expect(Set(places).count == places.count)
        #expect(SharedChange.lift(.ban, of: fixture.bob, in: .lobby(room)).place == places[0])
        #expect(SharedChange.lift(.mute, of: fixture.bob, in: .lobby(room)).place != places[0])
        #expect(SharedChange.lift(.ban, of: fixture.bob, in: nil).place != places[0])
        #expect(SharedChange(unbanned: "203.0.113.0/24").place == places[1])
        #expect(SharedChange(forgotten: room).place == places[2])
        let released = SharedChange(released: SharedChange.Named(user: fixture.alice, at: self.now))
        #expect(released.place == places[3])
        let kicked = SharedChange.Kicked(user: fixture.bob, reason: "go", at: self.now)
        #expect(SharedChange(kicked: kicked).place == nil)
    }

    @Test("A change that the others were not told is remembered, in its order, until they were")
    func untold() async throws {
        let changes = try self.changes()
        let store = try ChatStore(.memory)
        try await store.write { (tables: ChatTables) throws(SQLiteFault) in
            for (index, change) in changes.enumerated() { try tables.note(change, untold: "id \(index)") }
            try tables.note(changes[0], untold: "id 0")
        }
        #expect(await store.untold().map(\.change) == changes)
        store.forgetUntold("id 0")
        _ = try await store.write { (tables: ChatTables) throws(SQLiteFault) in try tables.untold().count }
        #expect(await store.untold().map(\.id) == (1..<changes.count).map { "id \($0)" })
    }

    @Test("A name that is released has neither password nor role")
    func released() async throws {
        let fixture = try StoreFixture()
        let (changes, now) = (try self.changes(), self.now)
        let user = try await ChatStore(.memory).write { (tables: ChatTables) throws(SQLiteFault) in
            for change in changes { try tables.apply(change) }
            try tables.apply(SharedChange(released: SharedChange.Named(user: fixture.alice, at: now)))
            return try tables.user(fixture.alice)
        }
        #expect(user?.password == nil && user?.role == .user)
    }
}
