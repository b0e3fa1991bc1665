import PondChat
import PondKit

/// What holds by all changes so far, in one hash in Redis: of every kind and place the last change, with its number in
/// the journal. A server that was away for longer than the journal reaches back takes it from here.
///
/// Every server writes down what it hears, and the number says which word is the last.
final class SharedFacts: Sendable {
    struct Fact: Sendable {
        var epoch: String
        var offset: UInt64
        var change: SharedChange
    }

    private let redis: RedisClient
    private let questions: SharedQuestions
    private let key: String
    /// Stands beside the facts, and says in which journal a server wrote down what it knew when there were none.
    private static let sown = "#"

    /// KEYS: the facts. ARGV: kind and place, epoch, number, change.
    private static let keep = RedisScript(
        """
        local held = redis.call('HGET', KEYS[1], ARGV[1])
        if held then
          local epoch, offset = string.match(held, '^(%S+) (%d+) ')
          if epoch == ARGV[2] and tonumber(offset) >= tonumber(ARGV[3]) then return 0 end
        end
        redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. ARGV[3] .. ' ' .. ARGV[4])
        return 1
        """
    )

    init(_ redis: RedisClient, _ questions: SharedQuestions, topics: ClusterTopics) {
        self.redis = redis
        self.questions = questions
        self.key = "\(topics.prefix):chat:\(topics.namespace):facts"
    }

    /// Writes down a change that is in the journal; waits for Redis where it is away.
    func keep(_ change: SharedChange, at position: StreamPosition) {
        guard let place = change.place, let payload = try? change.payload() else { return }
        let arguments = [place, position.epoch, "\(position.offset)"].map { Array($0.utf8) } + [payload.bytes]
        self.redis.run(Self.keep, keys: [self.key], arguments) { _ in }
    }

    /// Every fact, in the order of the journal, and whether a server has told already what it knew before this journal;
    /// `nil` where nobody can be asked.
    func all(epoch: String) async -> (facts: [Fact], isSown: Bool)? {
        guard case .array(let values) = await self.questions.ask(["HGETALL", self.key]) else { return nil }
        var (facts, isSown) = ([Fact](), false)
        for index in stride(from: 0, to: values.count - 1, by: 2) {
            guard case .bulk(let field) = values[index], case .bulk(let value) = values[index + 1] else { continue }
            if field == Array(Self.sown.utf8) {
                isSown = value == Array(epoch.utf8)
            } else if let fact = Self.fact(value) {
                facts.append(fact)
            }
        }
        return (facts.sorted { $0.offset < $1.offset }, isSown)
    }

    /// Tells what this server knows from before the journal, where nobody has told anything else.
    func sow(_ changes: [SharedChange], epoch: String) {
        for change in changes {
            guard let place = change.place, let payload = try? change.payload() else { continue }
            self.redis.send(["HSETNX", self.key, place, "\(epoch) 0 " + String(decoding: payload.bytes, as: UTF8.self)])
        }
        self.redis.send(["HSET", self.key, Self.sown, epoch])
    }

    private static func fact(_ value: [UInt8]) -> Fact? {
        let parts = value.split(separator: UInt8(ascii: " "), maxSplits: 2)
        guard parts.count == 3, let number = UInt64(String(decoding: parts[1], as: UTF8.self), radix: 10),
            let offset = StreamPosition.sharedOffset(number),
            let payload = try? Payload(parsing: Array(parts[2])), let change = try? SharedChange(payload)
        else { return nil }
        return Fact(epoch: String(decoding: parts[0], as: UTF8.self), offset: offset, change: change)
    }
}
