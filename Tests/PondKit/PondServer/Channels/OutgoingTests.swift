import PondKit
import PondTesting
import Testing

@Suite struct OutgoingTests {
    private func application() throws -> PondSocket {
        var options = PondOptions()
        options.log = SilentLog()
        let pond = PondSocket(options: options.onTestCarrier)
        let endpoint = try pond.createEndpoint("/socket") {
            $0.accept(assigns: ["role": .string($0.query["role"]?.first ?? "")])
        }
        let lobby = try endpoint.createChannel("/room/:id") { $0.accept() }
        try lobby.onMessage("*") { context in
            context.broadcast(context.eventName, context.payload)
            if context.eventName == "ask" { context.reply("secret", context.payload) }
        }
        try lobby.onOutgoing("secret") { context in
            guard context.user.assigns["role"] == "staff" else { return context.block() }
            context.transform(["for": .string(context.user.id), "text": context.payload["text"] ?? nil])
        }
        try lobby.onOutgoing("log:level") { context in
            if context.params["level"] == "debug" { context.block() }
        }
        try lobby.onOutgoing("broken") { _ in throw PondError.internalError("no") }
        return pond
    }

    private func members(_ pond: PondSocket) throws -> (PondTestSession, PondTestSession) {
        let staff = try pond.test.connect("/socket?role=staff")
        let guest = try pond.test.connect("/socket?role=guest")
        for session in [staff, guest] { session.join("/room/1") }
        _ = (staff.receiveAll(), guest.receiveAll())
        return (staff, guest)
    }

    @Test func looksAtEachRecipientAlone() throws {
        let (staff, guest) = try self.members(try self.application())
        guest.send("/room/1", "secret", ["text": "x"])
        let seen = staff.receiveAll()
        #expect(seen.map(\.event) == ["secret"])
        #expect(seen.first?.payload["for"]?.string == staff.userId)
        #expect(guest.receiveAll().isEmpty)
    }

    @Test func looksAtRepliesToo() throws {
        let (staff, guest) = try self.members(try self.application())
        guest.send("/room/1", "ask", ["text": "x"])
        staff.send("/room/1", "ask", ["text": "y"])
        #expect(guest.receiveAll().map(\.event) == ["ask", "ask"])
        let seen = staff.receiveAll()
        #expect(seen.map(\.event) == ["ask", "ask", "secret"])
        #expect(seen.last?.payload["text"] == "y")
    }

    @Test func findsHandlersByPattern() throws {
        let (staff, guest) = try self.members(try self.application())
        for event in ["logdebug", "loginfo", "other"] { guest.send("/room/1", event) }
        #expect(staff.receiveAll().map(\.event) == ["loginfo", "other"])
    }

    @Test func sendsNothingThatAHandlerCouldNotLookAt() throws {
        let (staff, guest) = try self.members(try self.application())
        guest.send("/room/1", "broken")
        guest.send("/room/1", "other")
        #expect(staff.receiveAll().map(\.event) == ["other"])
        #expect(guest.receiveAll().map(\.event) == ["other"])
    }
}
