import PondCore
import PondServer

/// Who hears which topic, and what the server has to be told so that it is so.
struct RedisSubscriptions: Sendable {
    typealias Receive = @Sendable (PubSubSignal) -> Void

    private struct Topic: Sendable {
        var receivers: [UInt64: Receive] = [:]
        /// Subscribe commands that the server has not confirmed.
        var unconfirmed = 0
        /// Those who were told that they hear.
        var told: Set<UInt64> = []
    }

    private var topics: [TopicPattern: Topic] = [:]
    private var patterns: [UInt64: TopicPattern] = [:]
    private var isConnected = false
    /// Those who do not hear yet, and whose messages may have been lost: they are told when they hear.
    private var owed: Set<UInt64> = []
    private let isSharded: Bool

    init(isSharded: Bool = false) { self.isSharded = isSharded }

    var count: Int { self.patterns.count }

    /// Adds a subscriber; gives the command for the server, or says that the topic is heard already.
    mutating func add(
        _ number: UInt64,
        _ pattern: TopicPattern,
        _ receive: @escaping Receive
    ) -> (command: [String]?, isHeard: Bool) {
        self.patterns[number] = pattern
        var topic = self.topics[pattern] ?? Topic()
        let isFirst = topic.receivers.isEmpty
        topic.receivers[number] = receive
        defer { self.topics[pattern] = topic }
        guard self.isConnected else { return (nil, false) }
        if isFirst {
            topic.unconfirmed += 1
            return (self.command("SUBSCRIBE", pattern), false)
        }
        guard topic.unconfirmed == 0 else { return (nil, false) }
        topic.told.insert(number)
        return (nil, true)
    }

    /// Takes a subscriber away; gives the command for the server.
    mutating func remove(_ number: UInt64) -> [String]? {
        guard let pattern = self.patterns.removeValue(forKey: number), var topic = self.topics[pattern] else {
            return nil
        }
        topic.receivers[number] = nil
        topic.told.remove(number)
        self.owed.remove(number)
        let isLast = topic.receivers.isEmpty
        // Kept while a confirmation is on its way, which could be taken for that of a later subscription.
        self.topics[pattern] = isLast && topic.unconfirmed == 0 ? nil : topic
        return isLast && self.isConnected ? self.command("UNSUBSCRIBE", pattern) : nil
    }

    /// The server can be told again; gives everything that it has to be told.
    mutating func connected() -> [[String]] {
        self.isConnected = true
        var commands: [[String]] = []
        for (pattern, topic) in self.topics {
            guard !topic.receivers.isEmpty else {
                self.topics[pattern] = nil
                continue
            }
            self.topics[pattern]?.unconfirmed = 1
            commands.append(self.command("SUBSCRIBE", pattern))
        }
        return commands
    }

    /// The connection is lost; gives those who heard until now.
    mutating func lost() -> [Receive] {
        self.isConnected = false
        var receivers: [Receive] = []
        for (pattern, topic) in self.topics {
            receivers += topic.told.sorted().compactMap { topic.receivers[$0] }
            self.topics[pattern]?.told = []
            self.topics[pattern]?.unconfirmed = 0
        }
        return receivers
    }

    /// Messages of this node were lost; gives those who hear now, to be told of an interruption. The others are told
    /// as soon as they hear: what they have published until then may be lost, too.
    mutating func lostMessages() -> [Receive] {
        var hearing: [UInt64: Receive] = [:]
        for topic in self.topics.values {
            for (number, receive) in topic.receivers where topic.told.contains(number) { hearing[number] = receive }
        }
        self.owed.formUnion(self.patterns.keys.filter { hearing[$0] == nil })
        return hearing.sorted { $0.key < $1.key }.map(\.value)
    }

    /// What to tell whom about a value from the server.
    mutating func received(_ value: RESPValue) -> [(receive: Receive, signal: PubSubSignal)] {
        let items: [RESPValue]
        switch value {
        case .array(let list), .push(let list): items = list
        default: return []
        }
        guard case .bulk(let kind)? = items.first else { return [] }
        switch String(decoding: kind, as: UTF8.self) {
        case "message", "smessage":
            guard items.count == 3, case .bulk(let name) = items[1], case .bulk(let bytes) = items[2] else { return [] }
            let topic = String(decoding: name, as: UTF8.self)
            return self.message(bytes, topic, to: .exactly(topic))
        case "pmessage":
            guard items.count == 4, case .bulk(let glob) = items[1], case .bulk(let name) = items[2],
                case .bulk(let bytes) = items[3], let pattern = self.pattern(ofGlob: glob)
            else { return [] }
            return self.message(bytes, String(decoding: name, as: UTF8.self), to: pattern)
        case "subscribe", "ssubscribe":
            guard items.count == 3, case .bulk(let name) = items[1] else { return [] }
            return self.confirmed(.exactly(String(decoding: name, as: UTF8.self)))
        case "psubscribe":
            guard items.count == 3, case .bulk(let glob) = items[1], let pattern = self.pattern(ofGlob: glob) else {
                return []
            }
            return self.confirmed(pattern)
        default:
            return []
        }
    }

    private func message(
        _ bytes: [UInt8],
        _ topic: String,
        to pattern: TopicPattern
    ) -> [(receive: Receive, signal: PubSubSignal)] {
        guard let found = self.topics[pattern] else { return [] }
        // Numbers rise, so that subscribers of one topic hear in the order they came.
        return found.told.sorted().compactMap { number in
            found.receivers[number].map { ($0, .message(topic: topic, bytes: bytes)) }
        }
    }

    private mutating func confirmed(_ pattern: TopicPattern) -> [(receive: Receive, signal: PubSubSignal)] {
        guard var topic = self.topics[pattern], topic.unconfirmed > 0 else { return [] }
        topic.unconfirmed -= 1
        if topic.unconfirmed == 0, topic.receivers.isEmpty {
            self.topics[pattern] = nil
            return []
        }
        guard topic.unconfirmed == 0 else {
            self.topics[pattern] = topic
            return []
        }
        let new = topic.receivers.keys.filter { !topic.told.contains($0) }.sorted()
        topic.told.formUnion(new)
        self.topics[pattern] = topic
        return new.flatMap { number -> [(receive: Receive, signal: PubSubSignal)] in
            guard let receive = topic.receivers[number] else { return [] }
            let isOwed = self.owed.remove(number) != nil
            return (isOwed ? [.subscribed, .interrupted, .subscribed] : [.subscribed]).map { (receive, $0) }
        }
    }

    /// Beginnings are few: a handful in a program, against thousands of topics by name.
    private func pattern(ofGlob glob: [UInt8]) -> TopicPattern? {
        let glob = String(decoding: glob, as: UTF8.self)
        return self.topics.keys.first { pattern in
            if case .beginning = pattern { pattern.glob == glob } else { false }
        }
    }

    private func command(_ verb: String, _ pattern: TopicPattern) -> [String] {
        switch pattern {
        case .exactly(let name): [(self.isSharded ? "S" : "") + verb, name]
        case .beginning: ["P" + verb, pattern.glob]
        }
    }
}
