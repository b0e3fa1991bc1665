import PondChat
import PondKit
import PondTesting
import Testing

@testable import pond_server

/// A chat in memory, whose clock a test moves.
final class ChatFixture {
    let chat: ChatServer
    let pond: PondSocket
    let store: ChatStore
    let driver: PondTestDriver
    let lines: Lock<[String]>
    private let calendar: Lock<ChatTime>

    init(
        at location: SQLiteLocation = .memory,
        _ change: (inout ServerConfiguration) -> Void = { _ in }
    ) async throws {
        var configuration = ServerConfiguration()
        configuration.messageBurst = 1_000
        change(&configuration)
        let holder = Lock<ChatServer?>(nil)
        var options = PondOptions()
        options.hooks = ChatServer.hooks { holder.withLock { $0 } }
        let lines = Lock<[String]>([])
        let log = ServerLog(level: .debug, format: .text) { line in lines.withLock { $0.append(line) } }
        options.log = log
        self.lines = lines
        self.pond = PondSocket(options: options)
        self.store = try ChatStore(location)
        let calendar = Lock(ChatTime(milliseconds: 1_700_000_000_000))
        self.calendar = calendar
        self.driver = PondTestDriver(self.pond)
        let clock = self.driver.clock
        self.chat = try ChatServer(
            pond: self.pond,
            store: self.store,
            configuration: configuration,
            tokens: try #require(TokenSigner(secrets: [[UInt8](repeating: 3, count: 32)])),
            log: log,
            clock: ChatClock(calendar: { calendar.withLock { $0 } }, steady: { clock.now() })
        )
        holder.withLock { [chat] in $0 = chat }
        try await self.chat.begin()
    }

    /// The chat's calendar.
    var now: ChatTime { self.calendar.withLock { $0 } }

    /// Lets time pass on both clocks.
    func advance(by duration: Duration) {
        self.calendar.withLock { $0 = $0 + duration }
        self.driver.advance(by: duration)
    }

    /// Sets the calendar alone, as somebody who sets a clock.
    func jump(by duration: Duration) { self.calendar.withLock { $0 = $0 + duration } }

    /// Connects under a name; throws what the server declines with.
    func connect(
        _ name: String,
        token: String? = nil,
        address: String = "10.0.0.1",
        headers: HTTPHeaders = [:]
    ) async throws -> ChatPeer {
        let query = "?name=\(name)" + (token.map { "&token=\($0)" } ?? "")
        let session = try self.driver.connect("/socket" + query, headers: headers, address: address)
        while session.greeting == nil {
            if let refusal = session.refusal { throw refusal }
            if let first = session.receive() { return try ChatPeer(session, self, first) }
            await Task.yield()
        }
        return try ChatPeer(session, self, try #require(await session.nextMessage()))
    }

    /// Connects under a name and joins a channel.
    func connect(_ name: String, to channel: String) async throws -> ChatPeer {
        let peer = try await self.connect(name)
        try await peer.join(channel)
        return peer
    }
}
