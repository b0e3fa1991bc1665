public import PondCore
public import PondRuntime
public import PondServer

/// A history in Redis: the nodes that share it number the broadcasts of a channel together, and a client that lost its
/// node finds on any other what it missed.
///
/// ```swift
/// let redis = try RedisClient("redis://127.0.0.1:6379")
/// options.cluster = ClusterOptions(try RedisPubSub("redis://127.0.0.1:6379"))
/// lobby.keepHistory(in: RedisHistoryStore(redis))
/// ```
///
/// It must be the Redis that carries the cluster's messages, with the same topics: storing and publishing are one step.
/// What is stored lasts as Redis' own persistence lets it. One that loses what it had begins a new numbering, and
/// members are told that they may have missed something.
public final class RedisHistoryStore: SharedHistoryStore {
    private let redis: RedisClient
    private let topics: ClusterTopics
    private let bounds: HistoryBounds
    private let requestMemory: Duration
    private let transient: Set<String>
    package let whileAway: StoreAbsence
    /// How often each channel was opened and not closed; their numberings must not expire meanwhile.
    private let live = Lock<[HistoryKey: Int]>([:])

    private static let page = 500
    private static let rememberedIds = 10_000
    private static let rememberedRequests = 1_024

    /// A history behind a connection, under keys that begin as the cluster's topics do.
    ///
    /// Events of a `transient` name are numbered and not kept. `whileAway` says what members see of what is said on
    /// their own node while Redis cannot be reached; other nodes see it afterwards in any case.
    public init(
        _ redis: RedisClient,
        topics: ClusterTopics = ClusterTopics(),
        bounds: HistoryBounds = HistoryBounds(.default),
        requestMemory: Duration = .seconds(600),
        transient: Set<String> = [],
        whileAway: StoreAbsence = .showLocally
    ) {
        self.transient = transient
        self.whileAway = whileAway
        self.redis = redis
        self.topics = topics
        self.bounds = bounds
        self.requestMemory = requestMemory
        redis.loop.execute { [weak self] in self?.keepAlive() }
    }

    /// How long a numbering outlives its last use.
    private var life: Duration { max(self.bounds.age, .seconds(86_400)) }

    // HistoryStore

    public func open(
        _ channel: HistoryKey,
        on loop: EventLoop,
        then: @escaping @Sendable (Result<StreamPosition, PondError>) -> Void
    ) {
        self.live.withLock { $0[channel, default: 0] += 1 }
        self.position(of: channel, by: RedisHistoryScripts.find, [PondID.token()], on: loop, then: then)
    }

    public func close(_ channel: HistoryKey, on loop: EventLoop) {
        self.live.withLock { live in
            let count = (live[channel] ?? 1) - 1
            live[channel] = count > 0 ? count : nil
        }
    }

    public func append(
        _ broadcast: StoredBroadcast,
        to channel: HistoryKey,
        epoch: String,
        on loop: EventLoop,
        then: @escaping @Sendable (PondError?) -> Void
    ) {
        let shared = SharedBroadcast(id: "\(broadcast.offset)/\(broadcast.requestId)", broadcast: broadcast)
        let known = StreamPosition(epoch: epoch, offset: 0)
        self.append(shared, to: channel, known: known, number: broadcast.offset, on: loop) { result in
            switch result {
            case .success(.stored): then(nil)
            case .success(.otherNumbering): then(.notFound("The channel's history is not open"))
            case .failure(let error): then(error)
            }
        }
    }

    public func read(
        _ channel: HistoryKey,
        after position: StreamPosition,
        maximumBytes: Int,
        on loop: EventLoop,
        then: @escaping @Sendable (Result<RecoveryDecision, PondError>) -> Void
    ) {
        self.readPage(channel, position, [], maximumBytes) { result in loop.execute { then(result) } }
    }

    public func requests(
        of client: ClientID,
        in channel: HistoryKey,
        on loop: EventLoop,
        then: @escaping @Sendable (Result<[String], PondError>) -> Void
    ) {
        self.redis.send(["ZRANGE", self.key(channel, "requests:\(client.text)"), "0", "-1"]) { result in
            let requests = result.map { value -> [String] in
                guard case .array(let items) = value else { return [] }
                return items.compactMap {
                    if case .bulk(let id) = $0 { String(decoding: id, as: UTF8.self) } else { nil }
                }
            }
            loop.execute { then(requests) }
        }
    }

    public func handled(_ request: RequestOrigin, in channel: HistoryKey, on loop: EventLoop) {
        let arguments = [
            request.requestId, Self.milliseconds(self.requestMemory), String(Self.rememberedRequests),
        ]
        let keys = [self.key(channel, "meta"), self.key(channel, "requests:\(request.client.text)")]
        self.redis.run(RedisHistoryScripts.handled, keys: keys, arguments.map { Array($0.utf8) }) { _ in }
    }

    // SharedHistoryStore

    package var hasRoom: Bool { self.redis.hasRoom }

    package func reopen(
        _ channel: HistoryKey,
        known: StreamPosition?,
        on loop: EventLoop,
        then: @escaping @Sendable (Result<StreamPosition, PondError>) -> Void
    ) {
        let arguments = [PondID.token(), known?.epoch ?? "", String(known?.offset ?? 0)]
        self.position(of: channel, by: RedisHistoryScripts.open, arguments, on: loop, then: then)
    }

    package func begin(
        _ channel: HistoryKey,
        epoch: String,
        on loop: EventLoop,
        then: @escaping @Sendable (Result<StreamPosition, PondError>) -> Void
    ) {
        self.position(of: channel, by: RedisHistoryScripts.open, [epoch, "", "0"], on: loop, then: then)
    }

    private func position(
        of channel: HistoryKey,
        by script: RedisScript,
        _ arguments: [String],
        on loop: EventLoop,
        then: @escaping @Sendable (Result<StreamPosition, PondError>) -> Void
    ) {
        let arguments = (arguments + [Self.milliseconds(self.life)]).map { Array($0.utf8) }
        self.redis.run(script, keys: self.keys(channel), arguments) { result in
            let position = result.flatMap { value throws(PondError) in try Self.position(value) }
            loop.execute { then(position) }
        }
    }

    package func append(
        _ broadcast: SharedBroadcast,
        to channel: HistoryKey,
        known: StreamPosition,
        on loop: EventLoop,
        then: @escaping @Sendable (Result<SharedAppend, PondError>) -> Void
    ) {
        self.append(broadcast, to: channel, known: known, number: nil, on: loop, then: then)
    }

    private func append(
        _ shared: SharedBroadcast,
        to channel: HistoryKey,
        known: StreamPosition,
        number: UInt64?,
        on loop: EventLoop,
        then: @escaping @Sendable (Result<SharedAppend, PondError>) -> Void
    ) {
        let announcement = shared.announcement
        let texts = [
            known.epoch, String(known.offset), shared.id, number.map { String($0) } ?? "",
            String(self.bounds.messages), String(self.bounds.bytes), Self.milliseconds(self.bounds.age),
            Self.milliseconds(self.life), String(Self.rememberedIds), String(shared.broadcast.cost),
            announcement?.topic ?? "",
        ]
        let ends = [
            self.redis.options.isSharded ? "SPUBLISH" : "PUBLISH", shared.broadcast.origin?.requestId ?? "",
            Self.milliseconds(self.requestMemory), String(Self.rememberedRequests),
            self.transient.contains(shared.broadcast.event) ? "0" : "1",
        ]
        let arguments =
            texts.map { Array($0.utf8) } + [announcement?.head ?? [], announcement?.tail ?? []]
            + ends.map { Array($0.utf8) } + RedisHistoryEntry.fields(shared.broadcast)
        let client = shared.broadcast.origin?.client.text ?? ""
        let keys = self.keys(channel) + [self.key(channel, "requests:\(client)")]
        self.redis.run(RedisHistoryScripts.append, keys: keys, arguments) { result in
            let append = result.flatMap { value throws(PondError) in try Self.append(value) }
            loop.execute { then(append) }
        }
    }

    /// Lets broadcasts say something else, or nothing where that is `nil`; `then` hears on Redis' loop.
    package func rewrite(
        _ changes: [(offset: UInt64, payload: Payload?)],
        in channel: HistoryKey,
        epoch: String,
        then: @escaping @Sendable (PondError?) -> Void
    ) {
        let arguments =
            [Array(epoch.utf8)]
            + changes.flatMap { change in
                [
                    Array("\(change.offset)".utf8), [UInt8(ascii: change.payload == nil ? "0" : "1")],
                    change.payload?.bytes ?? [],
                ]
            }
        self.redis.run(RedisHistoryScripts.rewrite, keys: self.contents(channel), arguments) { result in
            if case .failure(let error) = result { then(error) } else { then(nil) }
        }
    }

    /// Removes what was said in a channel up to a number; `then` hears on Redis' loop.
    package func forget(
        _ channel: HistoryKey,
        upTo position: StreamPosition,
        then: @escaping @Sendable (PondError?) -> Void
    ) {
        let arguments = [Array(position.epoch.utf8), Array("\(position.offset)".utf8)]
        self.redis.run(RedisHistoryScripts.forget, keys: self.contents(channel), arguments) { result in
            if case .failure(let error) = result { then(error) } else { then(nil) }
        }
    }

    /// The keys of what a channel keeps of its broadcasts.
    private func contents(_ channel: HistoryKey) -> [String] {
        ["meta", "stream", "bodies"].map { self.key(channel, $0) }
    }

    // Reading

    /// Reads what there is after a number, be it with a gap before it.
    package func readKept(
        _ channel: HistoryKey,
        after position: StreamPosition,
        on loop: EventLoop,
        then: @escaping @Sendable (Result<RecoveryDecision, PondError>) -> Void
    ) {
        self.readPage(channel, position, [], .max, anyway: true) { result in loop.execute { then(result) } }
    }

    private func readPage(
        _ channel: HistoryKey,
        _ position: StreamPosition,
        _ before: [StoredBroadcast],
        _ maximumBytes: Int,
        anyway: Bool = false,
        _ then: @escaping @Sendable (Result<RecoveryDecision, PondError>) -> Void
    ) {
        let after = position.offset
        let arguments = [
            position.epoch, String(after), String(Self.page), Self.milliseconds(self.bounds.age), anyway ? "1" : "0",
        ]
        let keys = self.contents(channel)
        self.redis.run(RedisHistoryScripts.read, keys: keys, arguments.map { Array($0.utf8) }) { result in
            let value: RESPValue
            switch result {
            case .failure(let error): return then(.failure(error))
            case .success(let answer): value = answer
            }
            guard case .array(let parts) = value, parts.count == 3, case .array(let entries) = parts[2],
                case .integer(let number) = parts[1], let last = StreamPosition.sharedOffset(number)
            else { return then(.success(.impossible)) }
            // An entry that is none of ours, or beyond the numbering, must not keep the others from anybody.
            let found = entries.compactMap(RedisHistoryEntry.broadcast).filter {
                after < $0.offset && $0.offset <= last
            }
            if found.count < entries.count { self.note(unreadable: entries.count - found.count, in: channel) }
            let all = before + found
            let left = found.reduce(maximumBytes) { left, broadcast in left - min(left, broadcast.cost) }
            guard left > 0 || found.isEmpty else { return then(.success(.impossible)) }
            let reached = entries.last.flatMap(RedisHistoryEntry.offset)
            guard entries.count == Self.page, let reached, after < reached, reached < last else {
                return then(.success(.whole(all)))
            }
            let next = StreamPosition(epoch: position.epoch, offset: reached)
            self.readPage(channel, next, all, left, anyway: anyway, then)
        }
    }

    private func note(unreadable count: Int, in channel: HistoryKey) {
        self.redis.options.log.log(
            .error,
            "\(count) entries in redis under \(self.key(channel, "stream")) are unreadable and were skipped"
        )
    }

    // Keys

    private func key(_ channel: HistoryKey, _ kind: String) -> String {
        "\(self.topics.channel(channel.channel, endpoint: channel.endpoint)):history:\(kind)"
    }

    private func keys(_ channel: HistoryKey) -> [String] {
        ["meta", "stream", "ids", "bodies"].map { self.key(channel, $0) }
    }

    /// Lets the numberings of channels that live on, for those in which nobody says anything.
    private func keepAlive() {
        self.redis.loop.schedule(after: self.life / 3) { [weak self] in
            guard let self else { return }
            let life = Self.milliseconds(self.life)
            for channel in self.live.withLock({ Array($0.keys) }) {
                for key in self.keys(channel) { self.redis.send(["PEXPIRE", key, life]) }
            }
            self.keepAlive()
        }
    }

    // Answers

    private static func milliseconds(_ duration: Duration) -> String {
        // What Lua's numbers hold without loss.
        String(min(duration.wholeNanoseconds / 1_000_000, 1 << 50))
    }

    private static func position(_ value: RESPValue) throws(PondError) -> StreamPosition {
        guard case .array(let parts) = value, parts.count == 2, case .bulk(let epoch) = parts[0],
            case .integer(let last) = parts[1], let offset = StreamPosition.sharedOffset(last)
        else { throw self.strange }
        return StreamPosition(epoch: String(decoding: epoch, as: UTF8.self), offset: offset)
    }

    private static func append(_ value: RESPValue) throws(PondError) -> SharedAppend {
        guard case .array(let parts) = value, parts.count == 2, case .integer(let number) = parts[0],
            case .integer(let isNew) = parts[1]
        else { throw self.strange }
        switch number {
        case -1: return .otherNumbering
        case 1...:
            guard let offset = StreamPosition.sharedOffset(number) else { throw self.strange }
            return .stored(offset, isNew: isNew == 1)
        case -2: throw .conflict("Another broadcast has this number")
        default: throw self.strange
        }
    }

    private static var strange: PondError { .internalError("The history's store gave a strange answer") }
}

extension Result where Failure == PondError {
    /// The outcome of one more step that may fail.
    fileprivate func flatMap<Next>(_ step: (Success) throws(PondError) -> Next) -> Result<Next, PondError> {
        switch self {
        case .failure(let error): return .failure(error)
        case .success(let value):
            do throws(PondError) { return .success(try step(value)) } catch { return .failure(error) }
        }
    }
}
