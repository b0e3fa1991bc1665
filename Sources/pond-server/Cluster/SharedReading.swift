import PondChat
import PondKit

/// How far users have read, and which conversations they have, wherever that happened: every server asks when it needs
/// to know, and none has to follow what all users do.
final class SharedReading: Sendable {
    private let questions: SharedQuestions
    private let place: String
    private static let life = "\(90 * 86_400_000)"
    private static let conversationLimit = 500

    init(_ questions: SharedQuestions, topics: ClusterTopics) {
        self.questions = questions
        self.place = "\(topics.prefix):chat:\(topics.namespace):"
    }

    /// A user has read a channel up to a message.
    func mark(_ id: MessageID, by owner: NameOwner, in channel: ChatChannel) {
        self.questions.tell(["HSET", self.marks(owner), channel.path, id.text])
        self.questions.tell(["PEXPIRE", self.marks(owner), Self.life])
    }

    /// How far a user has read channels; what nobody knows is not there.
    func marks(of owner: NameOwner, in channels: [ChatChannel]) async -> [ChatChannel: MessageID] {
        guard !channels.isEmpty else { return [:] }
        let answer = await self.questions.ask(["HMGET", self.marks(owner)] + channels.map(\.path))
        guard case .array(let values) = answer, values.count == channels.count else { return [:] }
        var marks: [ChatChannel: MessageID] = [:]
        for (channel, value) in zip(channels, values) {
            guard case .bulk(let bytes) = value else { continue }
            marks[channel] = try? MessageID(String(decoding: bytes, as: UTF8.self))
        }
        return marks
    }

    /// Something was said in a conversation.
    func said(in channel: ChatChannel, at time: ChatTime) {
        guard case .direct(let pair) = channel else { return }
        for user in [pair.first, pair.second] {
            let key = self.conversations(user)
            self.questions.tell(["ZADD", key, "\(time.milliseconds)", channel.path])
            self.questions.tell(["ZREMRANGEBYRANK", key, "0", "\(-1 - Self.conversationLimit)"])
            self.questions.tell(["PEXPIRE", key, Self.life])
        }
    }

    /// The conversations of a user in which something was said last, and when.
    func conversations(of user: UserName, limit: Int = 100) async -> [(channel: ChatChannel, last: ChatTime)] {
        let question = ["ZREVRANGE", self.conversations(user), "0", "\(limit - 1)", "WITHSCORES"]
        guard case .array(let values) = await self.questions.ask(question) else { return [] }
        return stride(from: 0, to: values.count - 1, by: 2).compactMap { index in
            guard case .bulk(let path) = values[index], case .bulk(let score) = values[index + 1],
                let channel = ChatChannel(path: String(decoding: path, as: UTF8.self)),
                let time = Double(String(decoding: score, as: UTF8.self)).flatMap(PeerNumber.whole)
            else { return nil }
            return (channel, ChatTime(milliseconds: time))
        }
    }

    /// Deletes what is kept of a user under any of the owners of the name.
    func forget(_ user: UserName, owners: [String]) {
        self.questions.tell(["DEL", self.conversations(user)] + owners.map { "\(self.place)marks:\($0)" })
    }

    private func marks(_ owner: NameOwner) -> String { "\(self.place)marks:\(owner.id)" }

    private func conversations(_ user: UserName) -> String { "\(self.place)conversations:\(user.key)" }
}
