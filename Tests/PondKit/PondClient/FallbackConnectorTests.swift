import PondKit
import Testing

@Suite struct FallbackConnectorTests {
    /// What became of an attempt over two ways, the first of which ended with this error.
    private func attempt(_ error: PondError) throws -> (second: ScriptedConnector, result: Seen<PondError>) {
        let loop = EventLoop(name: "test")
        let (first, second) = (ScriptedConnector(), ScriptedConnector())
        let connector = FallbackConnector([first, second])
        let result = Seen<PondError>()
        connector.connect(to: try ClientTarget(url: "ws://pond.test/socket"), on: loop) { outcome in
            if case .failure(let error) = outcome { result.add(error) }
        }
        first.attempts[0].completion(.failure(error))
        return (second, result)
    }

    @Test(arguments: [
        PondError.badRequest("no such thing"), .notFound("nothing here"),
        PondError(code: 426, kind: .badRequest, message: "upgrade"),
        PondError(code: 502, kind: .internalError, message: "proxy"),
        PondError(code: 0, kind: .transport, message: "reset"), .timeout("silence"),
    ])
    func triesTheNextWayWhereTheFirstMayBeTheFault(error: PondError) throws {
        let (second, result) = try self.attempt(error)
        #expect(second.attempts.count == 1)
        #expect(result.values.isEmpty)
        second.attempts.first?.completion(.failure(.unavailable("no")))
        #expect(result.values.map(\.code) == [503])
    }

    @Test(arguments: [
        PondError.unauthorized("who?"), .forbidden("not you"), .rateLimited("slowly", retryAfter: 1),
        .unavailable("full"), .internalError("broken"),
    ])
    func doesNotAskAServerThatDeclinesAgainAnotherWay(error: PondError) throws {
        let (second, result) = try self.attempt(error)
        #expect(second.attempts.isEmpty)
        #expect(result.values == [error])
    }

    @Test func beginsWithTheWayThatWorkedLast() throws {
        let loop = EventLoop(name: "test")
        let (first, second) = (ScriptedConnector(), ScriptedConnector())
        let connector = FallbackConnector([first, second])
        let target = try ClientTarget(url: "ws://pond.test/socket")
        connector.connect(to: target, on: loop) { _ in }
        first.attempts[0].completion(.failure(.notFound("no")))
        second.attempts[0].completion(.success(ScriptedTransport(target: target)))
        connector.connect(to: target, on: loop) { _ in }
        #expect(first.attempts.count == 1)
        #expect(second.attempts.count == 2)
    }
}
