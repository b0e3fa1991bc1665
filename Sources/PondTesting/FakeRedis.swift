package import PondKit

/// A server that takes Redis' commands and answers what the test says, however wrong that is.
///
/// ```swift
/// let redis = try await FakeRedis.start { command in command[0] == "EVALSHA" ? ":9223372036854775807\r\n" : nil }
/// let client = try RedisClient(redis.url)
/// ```
package final class FakeRedis: Sendable {
    /// Answers a command with the bytes of a RESP value; `nil` for what a server at peace would say.
    package typealias Answer = @Sendable (_ command: [String]) -> String?

    private let loop: EventLoop
    private let listener: Listener

    private init(loop: EventLoop, listener: Listener) {
        self.loop = loop
        self.listener = listener
    }

    /// Listens on a free port of 127.0.0.1.
    package static func start(_ answer: @escaping Answer) async throws(PondError) -> FakeRedis {
        let loop = EventLoop(name: "fake-redis")
        loop.start()
        guard let here = SocketAddress(ip: "127.0.0.1", port: 0) else { throw .badRequest("127.0.0.1") }
        let listener = try await Listener.listen(on: here, loops: [loop]) { channel in
            channel.receiver = FakeRedisLink(answer)
        }
        return FakeRedis(loop: loop, listener: listener)
    }

    package var url: String { "redis://127.0.0.1:\(self.listener.address.port ?? 0)" }

    /// Ends it, with every connection.
    package func stop() async {
        await self.listener.close()
        await self.loop.stop()
    }
}

/// One connection of a `FakeRedis`. Belongs to its loop, and is kept by its channel.
private final class FakeRedisLink: ByteChannelReceiver {
    private let answer: FakeRedis.Answer
    private var input: [UInt8] = []
    /// Keeps itself alive while the connection is there.
    private var itself: FakeRedisLink?

    init(_ answer: @escaping FakeRedis.Answer) {
        self.answer = answer
        self.itself = self
    }

    func channel(_ channel: ByteChannel, received bytes: UnsafeMutableRawBufferPointer) {
        self.input += bytes
        while let command = self.nextCommand() {
            let text = self.answer(command) ?? (command[0] == "PING" ? "+PONG\r\n" : "+OK\r\n")
            channel.write(Array(text.utf8))
        }
    }

    func channel(_ channel: ByteChannel, ended end: ByteChannelEnd) { self.itself = nil }

    /// The next whole command, as clients write them: an array of bulk strings.
    private func nextCommand() -> [String]? {
        var rest = self.input[...]
        guard let count = Self.length(after: "*", &rest) else { return nil }
        var words: [String] = []
        for _ in 0..<count {
            guard let length = Self.length(after: "$", &rest), rest.count >= length + 2 else { return nil }
            words.append(String(decoding: rest.prefix(length), as: UTF8.self))
            rest = rest.dropFirst(length + 2)
        }
        self.input = Array(rest)
        return words.isEmpty ? nil : words
    }

    private static func length(after mark: Character, _ rest: inout ArraySlice<UInt8>) -> Int? {
        guard let end = rest.firstIndex(of: UInt8(ascii: "\n")), rest.first == mark.asciiValue else { return nil }
        let text = String(decoding: rest[..<end].dropFirst().dropLast(), as: UTF8.self)
        rest = rest[rest.index(after: end)...]
        return Int(text)
    }
}
