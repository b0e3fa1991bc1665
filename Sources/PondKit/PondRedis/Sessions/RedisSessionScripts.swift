/// What the sessions in Redis do in one step each.
///
/// A session is a hash: `n` and `g`, the owner's node and generation; `u`, `e`, `a`, user, endpoint and assigns; and
/// `c:NAME` for each channel. A node that lives has a key that expires.
enum RedisSessionScripts {
    /// KEYS: session. ARGV: node, generation, milliseconds to live, fields. Gives 1, or 2 where another has it.
    static let save = RedisScript(
        """
        local owner = redis.call('HMGET', KEYS[1], 'n', 'g')
        if owner[1] and (owner[1] ~= ARGV[1] or owner[2] ~= ARGV[2]) and tonumber(owner[2]) >= tonumber(ARGV[2]) then
          return 2
        end
        redis.call('DEL', KEYS[1])
        redis.call('HSET', KEYS[1], 'n', ARGV[1], 'g', ARGV[2], unpack(ARGV, 4))
        redis.call('PEXPIRE', KEYS[1], ARGV[3])
        return 1
        """
    )

    /// KEYS: session. ARGV: node, generation, milliseconds to live, field or nothing, value or nothing to remove it.
    /// Gives 1, 0 where there is no such session, 2 where another has it.
    static let change = RedisScript(
        """
        local owner = redis.call('HMGET', KEYS[1], 'n', 'g')
        if not owner[1] then return 0 end
        if owner[1] ~= ARGV[1] or owner[2] ~= ARGV[2] then return 2 end
        if ARGV[4] ~= '' then
          if ARGV[5] ~= '' then
            redis.call('HSET', KEYS[1], ARGV[4], ARGV[5])
          else
            redis.call('HDEL', KEYS[1], ARGV[4])
          end
        end
        redis.call('PEXPIRE', KEYS[1], ARGV[3])
        return 1
        """
    )

    /// KEYS: session. ARGV: node, generation.
    static let end = RedisScript(
        """
        local owner = redis.call('HMGET', KEYS[1], 'n', 'g')
        if owner[1] == ARGV[1] and owner[2] == ARGV[2] then redis.call('DEL', KEYS[1]) end
        return 1
        """
    )

    /// KEYS: session. ARGV: 1 node, 2 milliseconds to live, 3 endpoint, 4 what the keys of living nodes begin with,
    /// 5 topic, 6 the verb to publish with, 7 an id of this attempt, 8 what the session is called. Gives the generation and all fields.
    static let take = RedisScript(
        """
        local owner = redis.call('HMGET', KEYS[1], 'n', 'g', 'e', 't')
        if not owner[1] or owner[3] ~= ARGV[3] then return false end
        -- Asked again, because the answer was lost.
        if owner[4] == ARGV[7] then return {tonumber(owner[2]), redis.call('HGETALL', KEYS[1])} end
        if owner[1] ~= ARGV[1] and redis.call('EXISTS', ARGV[4] .. owner[1]) == 0 then return false end
        local generation = string.format('%.0f', tonumber(owner[2]) + 1)
        redis.call('HSET', KEYS[1], 'n', ARGV[1], 'g', generation, 't', ARGV[7])
        redis.call('PEXPIRE', KEYS[1], ARGV[2])
        redis.call(ARGV[6], ARGV[5],
          cjson.encode({node = owner[1], generation = tonumber(owner[2]), session = ARGV[8]}))
        return {tonumber(generation), redis.call('HGETALL', KEYS[1])}
        """
    )
}
