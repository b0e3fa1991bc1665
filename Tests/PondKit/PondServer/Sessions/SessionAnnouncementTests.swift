import PondTesting
import Testing

@testable import PondCore
@testable import PondRuntime
@testable import PondServer

/// Sessions are for clients that announce themselves, and only a close in good order ends one.
@Suite struct SessionAnnouncementTests {
    private func witness(_ application: DurableApplication) throws -> PondTestSession {
        let witness = try application.connect("witness")
        witness.join("/room/1")
        _ = witness.receiveAll()
        return witness
    }

    @Test(arguments: [nil, 1000, 1001, 1005, 1006, 1011, 4000] as [UInt16?])
    func aFirstVersionClientLeavesTheMomentItsSocketEnds(code: UInt16?) throws {
        let application = try DurableApplication()
        let witness = try self.witness(application)
        let bob = try application.connect("bob", isFirstVersion: true)
        #expect(bob.greeting?.payload["pond"] == ["v": 2])
        bob.join("/room/1")
        _ = bob.receiveAll()
        #expect(witness.receiveAll().map(\.event) == ["JOIN"])
        if let code { bob.close(code: code) } else { bob.abort() }
        #expect(witness.receiveAll().map(\.event) == ["LEAVE"])
        #expect(application.pond.connectionCount == 1)
        #expect(application.pond.core.sessions.withLock { $0.count } == 1, "the witness has the only session")
    }

    @Test(arguments: ["header", "query"])
    func announcesAndResumesByHeaderOrQueryUnseenByTheApplication(place: String) throws {
        let seen = Lock<[String]>([])
        let pond = PondSocket(options: PondOptions().onTestCarrier)
        let endpoint = try pond.createEndpoint("/socket/:id") { context in
            let fields = context.headers.map { "\($0.name): \($0.value)" }
            let query = context.query.map { "\($0.key)=\($0.value)" }
            seen.withLock { $0 += fields + query + context.params.values + [context.path] }
            context.accept(userId: context.params["id"])
        }
        _ = try endpoint.createChannel("/room") { $0.accept() }
        func connect(_ session: String) throws -> PondTestSession {
            if place == "header" {
                return try pond.test.connect("/socket/bob?a=b", headers: ["Pond-Session": session, "x": "y"])
            }
            return try pond.test.connect("/socket/bob?a=b&pond_session=\(session)", headers: ["x": "y"])
        }
        let bob = try connect("new")
        let token = try #require(bob.token)
        #expect(seen.withLock { $0 } == ["x: y", #"a=["b"]"#, "bob", "/socket/bob"])
        bob.abort()
        pond.test.run()
        let back = try connect(token)
        #expect(back.token == token)
        back.close()
        pond.test.run()
        #expect(try connect(token).token != token, "a token of an ended session begins a new one")
        let text = seen.withLock { $0.joined(separator: "\n") }
        #expect(!text.contains(token) && !text.lowercased().contains("session"))
    }

    @Test func aTokenOfAnotherServerStillAnnouncesItsClient() throws {
        let application = try DurableApplication()
        let bob = try application.connect("bob", token: "from-another-implementation")
        #expect(bob.token != nil)
    }

    @Test(arguments: [1000, 1001, 1005] as [UInt16])
    func aCloseInGoodOrderEndsTheSession(code: UInt16) throws {
        let application = try DurableApplication()
        let witness = try self.witness(application)
        let bob = try application.connect("bob")
        bob.join("/room/1")
        _ = (bob.receiveAll(), witness.receiveAll())
        bob.close(code: code)
        #expect(witness.receiveAll().map(\.event) == ["LEAVE"])
        #expect(try application.connect("stranger", token: bob.token).userId == "stranger")
    }

    @Test(arguments: [1002, 1003, 1006, 1007, 1009, 1010, 1011, 1012, 1013, 1014, 1015, 3000, 4000] as [UInt16])
    func anyOtherCloseDetachesTheSession(code: UInt16) throws {
        let application = try DurableApplication()
        let witness = try self.witness(application)
        let bob = try application.connect("bob")
        bob.join("/room/1")
        _ = (bob.receiveAll(), witness.receiveAll())
        bob.close(code: code)
        #expect(witness.receiveAll().isEmpty)
        let back = try application.connect("stranger", token: bob.token)
        #expect(back.userId == "bob")
        _ = back.join(recovering: nil)
        application.driver.advance(by: .seconds(60))
        #expect(witness.receiveAll().isEmpty)
    }
}
