import PondChat
import PondKit

/// Who is on which server, under which name and with how many devices.
///
/// A name is held in Redis for as long as its user is here and a while longer. What a server says of its users holds
/// for a shorter while, so that one that died does not count for long.
final class SharedUsers: Sendable {
    /// What became of one who wants to come in.
    enum Entry: Sendable, Hashable {
        case entered
        case taken
        case tooManyDevices
    }

    /// A user on one server.
    struct Presence: Sendable, Hashable {
        var name: UserName
        var role: ChatRole
        var devices: Int
    }

    private let questions: SharedQuestions
    private let place: String
    private let node: String
    private static let deviceLife = 20_000

    /// KEYS: the name's looks, the user. ARGV: 1 who holds it, 2 whether it is theirs by password or token, 3 for how
    /// long, 4 the server, 5 the devices there, 6 the most on all, 7 for how long the devices count, 8 what else is said
    /// of the user. Gives 0 where the name is somebody else's, 2 for too many devices.
    private static let enter = RedisScript(
        """
        local held = redis.call('GET', KEYS[1])
        if held and held ~= ARGV[1] and ARGV[2] == '0' then return 0 end
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        local devices, said = tonumber(ARGV[5]), redis.call('HGETALL', KEYS[2])
        for i = 1, #said, 2 do
          local ends, count = string.match(said[i + 1], '^(%d+) (%d+) ')
          if not ends or tonumber(ends) <= now then
            redis.call('HDEL', KEYS[2], said[i])
          elseif said[i] ~= ARGV[4] then
            devices = devices + tonumber(count)
          end
        end
        if devices > tonumber(ARGV[6]) then return 2 end
        redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
        local ends = string.format('%.0f', now + tonumber(ARGV[7]))
        redis.call('HSET', KEYS[2], ARGV[4], ends .. ' ' .. ARGV[5] .. ' ' .. ARGV[8])
        redis.call('PEXPIRE', KEYS[2], ARGV[7])
        return 1
        """
    )

    /// KEYS: the name's looks, the user. ARGV: 1 for how long the name is held, 2 the server, 3 the devices there, 4 for
    /// how long they count, 5 what else is said of the user.
    private static let renew = RedisScript(
        """
        if ARGV[3] == '0' then return redis.call('HDEL', KEYS[2], ARGV[2]) end
        redis.call('PEXPIRE', KEYS[1], ARGV[1])
        local time = redis.call('TIME')
        local ends = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000) + tonumber(ARGV[4]))
        redis.call('HSET', KEYS[2], ARGV[2], ends .. ' ' .. ARGV[3] .. ' ' .. ARGV[5])
        return redis.call('PEXPIRE', KEYS[2], ARGV[4])
        """
    )

    /// KEYS: the user. ARGV: the server that asks. Gives what the others say.
    private static let look = RedisScript(
        """
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        local said, found = redis.call('HGETALL', KEYS[1]), {}
        for i = 1, #said, 2 do
          local ends = string.match(said[i + 1], '^%d+')
          if said[i] ~= ARGV[1] and ends and tonumber(ends) > now then found[#found + 1] = said[i + 1] end
        end
        return found
        """
    )

    init(_ questions: SharedQuestions, topics: ClusterTopics, node: String) {
        self.questions = questions
        self.place = "\(topics.prefix):chat:\(topics.namespace):"
        self.node = node
    }

    /// Whether a user may come in with one device more here, which would make `devices`; where nobody can be asked they
    /// may, rather than nobody could come in.
    func enter(
        _ name: UserName,
        role: ChatRole,
        held: String,
        right: Bool,
        devices: Int,
        limit: Int
    ) async -> Entry {
        let arguments = [
            held, right ? "1" : "0", Self.nameLife, self.node,
            "\(devices)", "\(limit)", "\(Self.deviceLife)", "\(role.rawValue) \(name.text)",
        ]
        let answer = await self.questions.ask(Self.enter, keys: self.keys(name), arguments)
        switch answer {
        case .integer(0): return .taken
        case .integer(2): return .tooManyDevices
        default: return .entered
        }
    }

    /// Who holds a name.
    enum Holder: Sendable, Hashable {
        case free
        /// A stay, or what stands for one.
        case held(String)
        /// Nobody can be asked.
        case unknown
    }

    /// Stands for the stay of whoever has the name by its password, and by a token alone.
    static let byPassword = "claimed"
    static let byToken = "token"

    /// Who holds a name, on whichever server.
    func holder(of name: UserName) async -> Holder {
        switch await self.questions.ask(["GET", self.keys(name)[0]]) {
        case .bulk(let stay): .held(String(decoding: stay, as: UTF8.self))
        case .null: .free
        default: .unknown
        }
    }

    /// Says who is here with how many devices, 0 for whoever left.
    func tell(_ users: [Presence]) {
        for user in users {
            let said = "\(user.role.rawValue) \(user.name.text)"
            let arguments = [Self.nameLife, self.node, "\(user.devices)", "\(Self.deviceLife)", said]
            self.questions.tell(Self.renew, keys: self.keys(user.name), arguments)
        }
    }

    /// Lets go of a name whose password was taken off.
    func release(_ name: UserName) { self.questions.tell(["DEL"] + self.keys(name)) }

    /// A user as other servers have them; empty where none does, or nobody can be asked.
    func look(_ name: UserName) async -> [Presence] {
        guard case .array(let found) = await self.questions.ask(Self.look, keys: [self.keys(name)[1]], [self.node])
        else { return [] }
        return found.compactMap { value in
            guard case .bulk(let bytes) = value else { return nil }
            let parts = String(decoding: bytes, as: UTF8.self).split(separator: " ", maxSplits: 3)
            guard parts.count == 4, let devices = Int(String(parts[1])).map(PeerNumber.count),
                let role = ChatRole(rawValue: String(parts[2])),
                let name = try? UserName(String(parts[3]))
            else { return nil }
            return Presence(name: name, role: role, devices: devices)
        }
    }

    private func keys(_ name: UserName) -> [String] {
        ["\(self.place)name:\(name.skeleton)", "\(self.place)user:\(name.key)"]
    }

    private static var nameLife: String { "\(NameOwner.grace.wholeNanoseconds / 1_000_000)" }
}
