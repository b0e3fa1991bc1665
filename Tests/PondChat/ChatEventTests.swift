import Foundation
import PondKit
import Testing

@testable import PondChat

@Suite struct ChatEventTests {
    private func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    private func value<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
        try JSONDecoder().decode(type, from: Data(text.utf8))
    }

    @Test("A message on the wire is flat, with its absent parts left out")
    func message() throws {
        let id = try MessageID("m1")
        let message = ChatMessage(id: id, sender: try UserName("Alice"), at: ChatTime(milliseconds: 5), text: "hi")
        #expect(try self.text(message) == #"{"at":5,"id":"m1","kind":"text","sender":"Alice","text":"hi"}"#)
        #expect(try self.value(ChatMessage.self, self.text(message)) == message)
    }

    @Test("What a client may leave out may be left out")
    func sparse() throws {
        #expect(
            try self.value(SendMessage.self, #"{"id":"m","text":"x"}"#) == SendMessage(id: MessageID("m"), text: "x")
        )
        #expect(try self.value(HistoryRequest.self, "{}").anchor() == .latest)
        #expect(try self.value(JoinOptions.self, "{}") == JoinOptions())
        #expect(try self.value(Identify.self, "{}") == Identify())
    }

    @Test("A page has one anchor and a bounded size")
    func anchors() throws {
        let id = try MessageID("m")
        #expect(try HistoryRequest(before: id).anchor() == .before(id))
        #expect(try HistoryRequest(after: id).anchor() == .after(id))
        #expect(try HistoryRequest(around: id).anchor() == .around(id))
        #expect(throws: PondError.self) { try HistoryRequest(before: id, after: id).anchor() }
        #expect(HistoryRequest(limit: 1_000_000).count() == ChatLimits.default.pageMessages)
        #expect(HistoryRequest(limit: -1).count() == 1)
        #expect(SearchRequest(query: "x").count() == 50)
    }

    @Test(
        "A name or id that breaks the rules does not decode",
        arguments: [#"{"user":""}"#, #"{"user":"a b"}"#, #"{"user":7}"#, #"{}"#]
    )
    func badNames(_ text: String) {
        #expect(throws: (any Error).self) { try self.value(WhoIsRequest.self, text) }
    }

    @Test("Every kind of payload reads back as it was written")
    func roundTrips() throws {
        let (alice, id, now) = (try UserName("alice"), try MessageID("m"), ChatTime(milliseconds: 1_700_000_000_000))
        let message = ChatMessage(id: id, sender: alice, at: now, kind: .action, text: "waves", mentions: [alice])
        let page = HistoryPage(messages: [message], hasOlder: true, hasNewer: false)
        let read = ReadState(upTo: id, unread: 3, mentions: 1)
        let room = RoomInfo(room: try RoomName("general"), topic: "t", members: 4, permanent: true)
        try self.roundTrip(page)
        try self.roundTrip(SearchPage(messages: [message], hasMore: true))
        try self.roundTrip(Welcome(name: alice, role: .admin, topic: "t", slowSeconds: 5, read: read, history: page))
        try self.roundTrip(RoomsChanged(rooms: [room], gone: [try RoomName("old")]))
        try self.roundTrip(RoomList(rooms: [room]))
        try self.roundTrip(DirectNotice(with: alice, unread: 1, last: message))
        try self.roundTrip(Moderate(.mute, user: alice, seconds: 60, reason: "noise", everywhere: true))
        try self.roundTrip(Moderated(.ban, by: alice, at: now, user: alice, until: now, role: .moderator))
        try self.roundTrip(Identity(name: alice, claimed: true, token: "t", tokenExpires: now))
        try self.roundTrip(
            WhoIs(name: alice, role: .user, claimed: false, devices: 2, rooms: [room.room], lastSeen: now)
        )
        try self.roundTrip(ChatPresence(name: alice, status: .busy, statusText: "lunch", since: now, role: .moderator))
        try self.roundTrip(MessageEdited(id: id, text: "x", at: now))
        try self.roundTrip(MessageRemoved(id: id, by: alice, at: now, reason: "spam"))
        try self.roundTrip(SetStatus(status: .away, statusText: "tea"))
        try self.roundTrip(Typing(user: alice, active: true))
        try self.roundTrip(MarkRead(upTo: id))
        try self.roundTrip(TopicChanged(topic: "t", by: alice, at: now))
    }

    private func roundTrip<Value: Codable & Equatable>(_ value: Value) throws {
        #expect(try self.value(Value.self, self.text(value)) == value)
    }

    @Test("Time arithmetic stays in its range")
    func time() {
        let now = ChatTime(milliseconds: 1_000)
        #expect(now + .seconds(2) == ChatTime(milliseconds: 3_000))
        #expect((now + .seconds(2)).since(now) == .seconds(2))
        #expect(ChatTime(milliseconds: .max) + .seconds(1) == ChatTime(milliseconds: .max))
        #expect(ChatTime(milliseconds: .max).since(ChatTime(milliseconds: .min)) > .zero)
    }

    @Test("Each role may do what the ones below it may")
    func roles() {
        #expect(ChatRole.user < .moderator && ChatRole.moderator < .admin)
    }
}
