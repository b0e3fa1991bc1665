/// What a history in Redis does in one step each.
///
/// A channel has five kinds of keys. `meta` is a hash: the epoch, the last number, `floor`, up to which nothing is kept
/// any more, and the bytes of what is kept. `stream` holds the broadcasts, number as id, and `bodies` what
/// they say, by number, for that may change. `ids` are the ids of the latest
/// broadcasts by their numbers; `requests`, one for each client, the requests that were handled.
enum RedisHistoryScripts {
    /// Finds the numbering and stores nothing where there is none.
    ///
    /// KEYS: meta, stream, ids. ARGV: the epoch to answer where there is none, milliseconds to live.
    static let find = RedisScript(
        """
        local meta = redis.call('HMGET', KEYS[1], 'epoch', 'last')
        if not meta[1] then return {ARGV[1], 0} end
        for i = 1, 4 do redis.call('PEXPIRE', KEYS[i], ARGV[2]) end
        return {meta[1], tonumber(meta[2] or '0')}
        """
    )

    /// Finds the numbering, or begins one where there is none or where some of it is lost.
    ///
    /// KEYS: meta, stream, ids, bodies. ARGV: a new epoch, known epoch, known number, milliseconds to live.
    static let open = RedisScript(
        """
        local meta = redis.call('HMGET', KEYS[1], 'epoch', 'last')
        local epoch, last = meta[1], tonumber(meta[2] or '0')
        if not epoch or (epoch == ARGV[2] and last < tonumber(ARGV[3])) then
          redis.call('DEL', KEYS[1], KEYS[2], KEYS[3], KEYS[4])
          epoch, last = ARGV[1], 0
          redis.call('HSET', KEYS[1], 'epoch', epoch, 'last', '0', 'floor', '0', 'bytes', '0')
        end
        for i = 1, 4 do redis.call('PEXPIRE', KEYS[i], ARGV[4]) end
        return {epoch, last}
        """
    )

    /// Numbers a broadcast, stores it, drops what is too much, and announces it.
    ///
    /// KEYS: meta, stream, ids, bodies, requests. ARGV: 1 epoch, 2 known number, 3 id, 4 the number it must have or nothing,
    /// 5 most broadcasts, 6 most bytes, 7 greatest age, 8 milliseconds to live, 9 ids to remember, 10 cost,
    /// 11 topic or nothing, 12 what stands before the number, 13 and after it, 14 the verb to publish with, 15 the
    /// client's request or nothing, 16 for how long that is remembered, 17 and how many, 18 whether it is kept; from 19 on the stored fields.
    /// Gives the number and whether it is new; -1 for another numbering, -2 for a number that is taken.
    static let append = RedisScript(
        """
        local meta = redis.call('HMGET', KEYS[1], 'epoch', 'last', 'floor', 'bytes')
        local last = tonumber(meta[2] or '0')
        if meta[1] ~= ARGV[1] or last < tonumber(ARGV[2]) then return {-1, 0} end
        local before = redis.call('ZSCORE', KEYS[3], ARGV[3])
        if before then return {tonumber(before), 0} end
        local n = last + 1
        if ARGV[4] ~= '' then
          n = tonumber(ARGV[4])
          if n <= last then return {-2, 0} end
        end
        local number = string.format('%.0f', n)
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        local count = redis.call('XLEN', KEYS[2])
        local floor, bytes = tonumber(meta[3]), tonumber(meta[4])
        if count == 0 then floor, bytes = last, 0 end
        if ARGV[18] == '1' then
          redis.call('XADD', KEYS[2], number .. '-0', 'a', string.format('%.0f', now), 'c', ARGV[10], unpack(ARGV, 19, 24))
          redis.call('HSET', KEYS[4], number, ARGV[26])
          count, bytes = count + 1, bytes + tonumber(ARGV[10])
        end
        for i = 1, 128 do
          local first = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 1)[1]
          if not first then break end
          local fits = count <= tonumber(ARGV[5]) and bytes <= tonumber(ARGV[6])
          if fits and tonumber(first[2][2]) >= now - tonumber(ARGV[7]) then break end
          redis.call('XDEL', KEYS[2], first[1])
          redis.call('HDEL', KEYS[4], string.match(first[1], '^%d+'))
          count, bytes = count - 1, bytes - tonumber(first[2][4])
          floor = tonumber(string.match(first[1], '^%d+'))
        end
        redis.call('HSET', KEYS[1], 'last', number, 'floor', string.format('%.0f', floor),
          'bytes', string.format('%.0f', bytes))
        redis.call('ZADD', KEYS[3], number, ARGV[3])
        redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', string.format('%.0f', n - tonumber(ARGV[9])))
        for i = 1, 4 do redis.call('PEXPIRE', KEYS[i], ARGV[8]) end
        if ARGV[15] ~= '' then
          redis.call('ZADD', KEYS[5], number, ARGV[15])
          redis.call('ZREMRANGEBYRANK', KEYS[5], 0, -1 - tonumber(ARGV[17]))
          redis.call('PEXPIRE', KEYS[5], ARGV[16])
        end
        if ARGV[11] ~= '' then redis.call(ARGV[14], ARGV[11], ARGV[12] .. number .. ARGV[13]) end
        return {n, 1}
        """
    )

    /// Notes a request that was handled and of which no broadcast came.
    ///
    /// KEYS: meta, requests. ARGV: the request, for how long it is remembered, and how many.
    static let handled = RedisScript(
        """
        local last = redis.call('HGET', KEYS[1], 'last') or '0'
        redis.call('ZADD', KEYS[2], last, ARGV[1])
        redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -1 - tonumber(ARGV[3]))
        redis.call('PEXPIRE', KEYS[2], ARGV[2])
        return 1
        """
    )

    /// Reads what comes after a number, page by page.
    ///
    /// KEYS: meta, stream, bodies. ARGV: epoch, number, most entries, greatest age, 1 to have what there is anyway. Gives 0 where not all of it can be had, or
    /// 1, the last number and the entries.
    static let read = RedisScript(
        """
        local meta = redis.call('HMGET', KEYS[1], 'epoch', 'last', 'floor')
        if meta[1] ~= ARGV[1] then return {0} end
        local last, floor, after = tonumber(meta[2]), tonumber(meta[3]), tonumber(ARGV[2])
        if redis.call('EXISTS', KEYS[2]) == 0 then floor = last end
        if ARGV[5] ~= '1' and (after < floor or after > last) then return {0} end
        local found = redis.call('XRANGE', KEYS[2], '(' .. ARGV[2] .. '-0', '+', 'COUNT', ARGV[3])
        if found[1] and ARGV[5] ~= '1' then
          local time = redis.call('TIME')
          local now = time[1] * 1000 + math.floor(time[2] / 1000)
          if tonumber(found[1][2][2]) < now - tonumber(ARGV[4]) then return {0} end
        end
        for _, entry in ipairs(found) do
          local fields, body = entry[2], redis.call('HGET', KEYS[3], string.match(entry[1], '^%d+'))
          if body then
            fields[#fields + 1] = 'p'
            fields[#fields + 1] = body
          end
        end
        return {1, last, found}
        """
    )

    /// Lets broadcasts say something else, or nothing. Their numbers stay.
    ///
    /// KEYS: meta, stream, bodies. ARGV: epoch; for each the number, 1 or 0 for nothing, and what it says.
    static let rewrite = RedisScript(
        """
        if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then return 0 end
        for i = 2, #ARGV - 2, 3 do
          local id = ARGV[i] .. '-0'
          if ARGV[i + 1] == '1' and redis.call('HEXISTS', KEYS[3], ARGV[i]) == 1 then
            redis.call('HSET', KEYS[3], ARGV[i], ARGV[i + 2])
          else
            local entry = redis.call('XRANGE', KEYS[2], id, id)[1]
            if entry then
              redis.call('XDEL', KEYS[2], id)
              redis.call('HINCRBY', KEYS[1], 'bytes', -tonumber(entry[2][4]))
            end
            redis.call('HDEL', KEYS[3], ARGV[i])
          end
        end
        return 1
        """
    )

    /// Removes what was said up to a number; the numbering goes on.
    ///
    /// KEYS: meta, stream, bodies. ARGV: epoch, number.
    static let forget = RedisScript(
        """
        local meta = redis.call('HMGET', KEYS[1], 'epoch', 'last', 'floor')
        if meta[1] ~= ARGV[1] then return 0 end
        local upTo = math.min(tonumber(ARGV[2]), tonumber(meta[2]))
        for _, entry in ipairs(redis.call('XRANGE', KEYS[2], '-', string.format('%.0f', upTo) .. '-0')) do
          redis.call('XDEL', KEYS[2], entry[1])
          redis.call('HDEL', KEYS[3], string.match(entry[1], '^%d+'))
          redis.call('HINCRBY', KEYS[1], 'bytes', -tonumber(entry[2][4]))
        end
        if upTo > tonumber(meta[3]) then redis.call('HSET', KEYS[1], 'floor', string.format('%.0f', upTo)) end
        return 1
        """
    )
}
