import PondKit
import PondTesting
import Testing

@Suite struct ConnectTests {
    @Test func greetsWithTheUserAndTheConnection() throws {
        let pond = try TracedApplication.make()
        let alice = try pond.test.connect("/socket?username=alice")
        let greeting = try #require(alice.greeting)
        #expect(greeting.action == .connect)
        #expect(greeting.event == "CONNECTION")
        #expect(greeting.channelName == "GATEWAY")
        #expect(greeting.requestId.utf8.count == 36)
        #expect(!alice.userId.isEmpty)
        #expect(!alice.connectionId.isEmpty)
        #expect(alice.connectionId != alice.userId)
        #expect(alice.receive() == nil)
        #expect(pond.connectionCount == 1)
    }

    @Test func sendsTheHandlersReplyAfterTheGreeting() throws {
        let pond = try TracedApplication.make()
        let alice = try pond.test.connect("/socket?hello=1")
        let reply = try #require(alice.receive())
        #expect(reply.action == .system)
        #expect(reply.event == "welcome")
        #expect(reply.channelName == "GATEWAY")
        #expect(reply.payload["hello"] == "1")
    }

    @Test(arguments: [
        ("/socket?token=bad", 401, "Invalid token"),
        ("/socket?token=forbidden", 403, "Forbidden user"),
        ("/socket?token=none", 401, "Connection handler did not accept or decline"),
        ("/socket?token=crash", 500, "Internal Server Error"),
        ("/nope", 404, "Not Found"),
        ("/SOCKET", 404, "Not Found"),
        ("/socket/extra", 404, "Not Found"),
    ])
    func declinesWithAStatusAndAMessage(_ target: String, _ status: Int, _ message: String) throws {
        let pond = try TracedApplication.make()
        let error = try #require(throws: PondError.self) { _ = try pond.test.connect(target) }
        #expect(error.code == status)
        #expect(error.message == message)
        #expect(pond.connectionCount == 0)
    }

    @Test(arguments: ["/socket/", "//socket", "/socket"])
    func collapsesSlashesInThePath(_ target: String) throws {
        let pond = try TracedApplication.make()
        #expect(try pond.test.connect(target).greeting != nil)
    }

    @Test(arguments: [
        (PondError.forbidden("Members only"), 403, "Members only"),
        (.unavailable("Come later"), 503, "Come later"),
        (.internalError("the password is wrong"), 500, "Internal Server Error"),
    ])
    func tellsWhatAHandlerThrewUnlessItIsAFaultOfThisSide(error: PondError, status: Int, message: String) throws {
        var options = PondOptions()
        options.log = SilentLog()
        let pond = PondSocket(options: options.onTestCarrier)
        _ = try pond.createEndpoint("/socket") { _ in throw error }
        let refusal = try #require(throws: PondError.self) { _ = try pond.test.connect("/socket") }
        #expect(refusal.code == status)
        #expect(refusal.message == message)
    }
}
