import PondChat
import PondKit
import PondTesting
import Testing

@testable import pond_server

/// A client of the chat under test.
final class ChatPeer {
    let session: PondTestSession
    let identity: Identity
    private let fixture: ChatFixture
    private var waiting: [ServerMessage] = []

    init(_ session: PondTestSession, _ fixture: ChatFixture, _ first: ServerMessage) throws {
        self.session = session
        self.fixture = fixture
        self.identity = try Identity(first.payload)
    }

    /// Joins a channel; throws what the server declines with.
    @discardableResult
    func join(_ channel: String, _ options: JoinOptions = JoinOptions()) async throws -> Welcome? {
        let request = self.session.join(channel, try Payload(encoding: options))
        let answer = try await self.answer(to: request)
        guard channel != ChatChannel.directoryPath else { return nil }
        _ = answer
        return try await self.next(Welcome.self)
    }

    /// Sends an event and gives the answer's payload; throws where the answer is an error.
    func ask<Answer: ChatPayload>(_ channel: String, _ question: some ChatPayload, _: Answer.Type) async throws
        -> Answer
    {
        try Answer(try await self.answer(to: self.send(channel, question)).payload)
    }

    /// Sends an event.
    @discardableResult
    func send<Event: ChatPayload>(_ channel: String, _ event: Event) throws -> String {
        self.session.send(channel, Event.event, try event.payload())
    }

    /// Says something, and waits until everyone can hear it; throws where it is refused.
    @discardableResult
    func say(_ channel: String, _ text: String, id: String? = nil) async throws -> ChatMessage {
        let message = SendMessage(id: try id.map { try MessageID($0) } ?? .random(), text: text)
        let request = try self.send(channel, message)
        let received = try await self.receive { received in
            received.requestId == request
                || received.event == ChatMessage.event && received.payload["id"]?.string == message.id.text
        }
        guard received.event == ChatMessage.event else { throw Self.error(received) }
        return try ChatMessage(received.payload)
    }

    /// The answer to a request; throws where it is an error.
    func answer(to request: String) async throws -> ServerMessage {
        let answer = try await self.receive { $0.requestId == request }
        if answer.action == .error || ["UNAUTHORIZED", "NOT_FOUND"].contains(answer.event) { throw Self.error(answer) }
        return answer
    }

    /// The next payload of a kind, of those not yet looked at; others keep waiting.
    func next<Event: ChatPayload>(_ type: Event.Type) async throws -> Event {
        try Event(try await self.receive { $0.event == Event.event }.payload)
    }

    /// The next message that fits.
    func receive(_ fits: (ServerMessage) -> Bool) async throws -> ServerMessage {
        if let index = self.waiting.firstIndex(where: fits) { return self.waiting.remove(at: index) }
        while let message = await self.session.nextMessage() {
            if fits(message) { return message }
            self.waiting.append(message)
        }
        throw PondError.timeout("nothing that fits came; waiting: \(self.waiting.map(\.event))")
    }

    /// Forgets everything that has come up to now.
    func forget() {
        _ = self.session.receiveAll()
        self.waiting = []
    }

    /// Whether something of a kind has come up to now.
    func has<Event: ChatPayload>(_ type: Event.Type) -> Bool {
        self.waiting += self.session.receiveAll()
        return self.waiting.contains { $0.event == Event.event }
    }

    private static func error(_ message: ServerMessage) -> PondError {
        PondError(
            code: message.payload["status"]?.int ?? message.payload["code"]?.int ?? 0,
            kind: .badRequest,
            message: message.payload["message"]?.string ?? message.event,
            retryAfter: message.payload["retryAfter"]?.double
        )
    }
}

/// Expects a refusal with a status.
func expectRefusal(_ status: Int, _ body: () async throws -> Void, sourceLocation: SourceLocation = #_sourceLocation)
    async
{
    do {
        try await body()
        Issue.record("expected \(status), but nothing was refused", sourceLocation: sourceLocation)
    } catch let error as PondError {
        #expect(error.code == status, "\(error)", sourceLocation: sourceLocation)
    } catch {
        Issue.record(error, sourceLocation: sourceLocation)
    }
}
