import Testing

@testable import PondCore
@testable import PondNet
@testable import PondServer

/// A broadcast to connections of every kind: those that share its bytes, and those that must be asked.
@Suite(.timeLimit(.minutes(1))) struct FanOutTests {
    private static let count = 60

    /// How a member gets its messages.
    private enum Kind: CaseIterable {
        case plain
        /// Compressed, each message by itself.
        case compressed
        /// Compressed with what came before.
        case remembering
        case stream

        var offer: String {
            switch self {
            case .plain, .stream: ""
            case .compressed: "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover\n"
            case .remembering: "Sec-WebSocket-Extensions: permessage-deflate\n"
            }
        }

        /// The numbers of the messages in what such a member received.
        func numbers(_ bytes: [UInt8], takeover: Bool) -> [Int] {
            guard let head = bytes.firstRange(of: [13, 10, 13, 10]) else { return [] }
            var rest = Array(bytes[head.upperBound...])
            guard self != .stream else { return Self.numbers(in: String(decoding: rest, as: UTF8.self)) }
            let inflater = self == .plain ? nil : Inflater(windowBits: 15, takeover: takeover)
            var machine = WebSocketMachine(role: .client, limits: .default, inflater: inflater)
            var text = ""
            rest.withUnsafeMutableBytes { buffer in
                var input = buffer
                while true {
                    switch machine.next(&input) {
                    case .message(let bytes, _): text += String(decoding: bytes, as: UTF8.self)
                    case .ping, .pong: continue
                    case .needMore, .closed, .failed: return
                    }
                }
            }
            return Self.numbers(in: text)
        }

        private static func numbers(in text: String) -> [Int] { text.matches(of: /"n":(\d+)/).compactMap { Int($0.1) } }
    }

    private func member(_ kind: Kind, of harness: HTTPHarness) async throws -> RawPeer {
        let join = HTTPHarness.message("JOIN_CHANNEL", "JOIN_CHANNEL")
        guard kind != .stream else {
            let (peer, id) = try await harness.stream()
            _ = try await harness.post(join, to: id)
            await peer.text(holding: "ACKNOWLEDGE")
            return peer
        }
        let peer = try await harness.connect()
        await peer.write(HTTPHarness.lines(HTTPHarness.upgrade(more: kind.offer)))
        await peer.text(holding: "CONNECTION")
        await peer.write(.masked(.text, join))
        await peer.text(holding: "ACKNOWLEDGE")
        return peer
    }

    /// Short ones and long ones, one in a turn and many, over one loop and over two.
    @Test(arguments: [1, 2], [false, true])
    func everyMemberGetsEveryMessageInOrder(threads: Int, takeover: Bool) async throws {
        var deflate = DeflateOptions()
        deflate.serverContextTakeover = takeover
        let harness = try await HTTPHarness(threads: threads, deflate: deflate) {
            $0.limits.messagesPerSecond = 100_000
            $0.limits.messageBurst = 100_000
        }
        var members: [(kind: Kind, peer: RawPeer)] = []
        for kind in Kind.allCases + [.plain, .compressed, .plain] {
            members.append((kind, try await self.member(kind, of: harness)))
        }
        let sender = members[0].peer
        var number = 0
        var batch = 1
        while number < Self.count {
            var bytes: [UInt8] = []
            for _ in 0..<min(batch, Self.count - number) {
                number += 1
                let filling = String(repeating: "lily ", count: number * 37 % 400)
                bytes += .masked(.text, HTTPHarness.message("BROADCAST", "say", #"{"f":"\#(filling)","n":\#(number)}"#))
            }
            await sender.write(bytes)
            batch = batch % 12 + 1
        }
        for (kind, peer) in members {
            let remembers = takeover && kind == .remembering
            let bytes = await peer.bytes { kind.numbers($0, takeover: remembers).count >= Self.count }
            #expect(kind.numbers(bytes, takeover: remembers) == Array(1...Self.count), "\(kind)")
        }
        await harness.stop()
    }

    /// A member that left, and one whose connection was cut, get nothing more, and the others everything.
    @Test func whoLeavesGetsNothingMore() async throws {
        let harness = try await HTTPHarness()
        var members: [RawPeer] = []
        for _ in 0..<4 { members.append(try await self.member(.plain, of: harness)) }
        await members[1].write(.masked(.text, HTTPHarness.message("LEAVE_CHANNEL", "LEAVE_CHANNEL", id: "bye")))
        await members[1].forget(through: "bye")
        await members[2].abort()
        for number in 1...3 {
            await members[0].write(.masked(.text, HTTPHarness.message("BROADCAST", "say", #"{"n":\#(number)}"#)))
        }
        for peer in [members[0], members[3]] {
            let bytes = await peer.bytes { Kind.plain.numbers($0, takeover: false).count >= 3 }
            #expect(Kind.plain.numbers(bytes, takeover: false) == [1, 2, 3])
        }
        await members[1].write(.masked(.text, "nonsense"))
        #expect(!(await members[1].text(holding: "INVALID_MESSAGE")).contains("\"n\":"))
        await harness.stop()
    }
}
