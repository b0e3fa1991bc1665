import PondKit
import PondTesting
import Testing

/// Of two patterns that take the same names, the second one would never be asked.
@Suite struct RegistrationTests {
    private static let sameShape = [
        ("/room/:id", "/room/:other"), ("/room/:id", "room//:other/"), ("/user/id:a", "/user/id:b"),
        ("/:a/:b", "/:b/:a"), ("/files/*", "/files/*"), ("/plain", "/plain/"),
    ]
    private static let otherShape = [
        ("/room/:id", "/room/main"), ("/user/id:a", "/user/:a"), ("/user/id:a", "/user/no:a"),
        ("/files/*", "/files/:f"),
        ("/room/:id", "/room/:id/:part"), ("/room", "/Room"),
    ]

    private func server() -> PondSocket { PondSocket(options: PondOptions().onTestCarrier) }

    @Test(arguments: Self.sameShape) func refusesASecondLobbyOfOneShape(_ first: String, _ second: String) throws {
        let endpoint = try self.server().createEndpoint("/socket") { $0.accept() }
        _ = try endpoint.createChannel(first) { $0.accept() }
        let error = #expect(throws: PondError.self) { _ = try endpoint.createChannel(second) { $0.accept() } }
        #expect(error?.kind == .conflict)
        #expect(error?.message.contains(first) == true && error?.message.contains(second) == true)
        #expect(throws: PondError.self) {
            _ = try endpoint.createChannel(second, of: Numbers.self) { $0.accept() }
        }
        #expect(endpoint.lobbies.map(\.pattern) == [first])
    }

    @Test(arguments: Self.sameShape) func refusesASecondEndpointOfOneShape(_ first: String, _ second: String) throws {
        let pond = self.server()
        _ = try pond.createEndpoint(first) { $0.accept() }
        let error = #expect(throws: PondError.self) { _ = try pond.createEndpoint(second) { $0.accept() } }
        #expect(error?.kind == .conflict)
        #expect(pond.endpoints.map(\.path) == [first])
    }

    @Test(arguments: [("room:id", "room:other"), (":a", ":b"), ("*", "*"), ("say", "say")])
    func refusesASecondHandlerForTheSameEvents(_ first: String, _ second: String) throws {
        let endpoint = try self.server().createEndpoint("/socket") { $0.accept() }
        let lobby = try endpoint.createChannel("/room/:id") { $0.accept() }
        try lobby.onMessage(first) { _ in }
        try lobby.onOutgoing(first) { _ in }
        #expect(throws: PondError.self) { try lobby.onMessage(second) { _ in } }
        #expect(throws: PondError.self) { try lobby.onOutgoing(second) { _ in } }
    }

    @Test func registersAnEventAfterItsPatternWasRefused() throws {
        let endpoint = try self.server().createEndpoint("/socket") { $0.accept() }
        let lobby = try endpoint.createChannel("/room/:id") { $0.accept() }
        for _ in 0..<2 {
            let error = #expect(throws: PondError.self) { try lobby.onMessage("room:") { _ in } }
            #expect(error?.kind == .badRequest)
        }
    }

    @Test(arguments: Self.otherShape) func acceptsPatternsThatTakeOtherNames(_ first: String, _ second: String) throws {
        let pond = self.server()
        let endpoint = try pond.createEndpoint(first) { $0.accept() }
        _ = try pond.createEndpoint(second) { $0.accept() }
        _ = try endpoint.createChannel(first) { $0.accept() }
        _ = try endpoint.createChannel(second) { $0.accept() }
        #expect(endpoint.lobbies.count == 2)
    }

    private enum Numbers: ChannelSchema {
        struct Presence: Codable, Sendable { var n: Int }
    }
}
