/// Which topics a subscription hears: one by name, or all that begin so when the name ends in `.*`.
public enum TopicPattern: Sendable, Hashable {
    /// This topic alone.
    case exactly(String)
    /// Every topic with this beginning.
    case beginning(String)

    /// Reads a pattern as `PubSub.subscribe` takes it.
    public init(_ pattern: String) {
        if pattern.utf8.count > 2, pattern.hasSuffix(".*") {
            self = .beginning(String(pattern.dropLast(2)))
        } else {
            self = .exactly(pattern)
        }
    }

    /// Whether a topic is one of these.
    public func matches(_ topic: String) -> Bool {
        switch self {
        case .exactly(let name): name == topic
        case .beginning(let beginning): topic.utf8.starts(with: beginning.utf8)
        }
    }

    /// The beginning as a Redis glob, with everything that Redis would read as a wildcard taken literally.
    package var glob: String {
        switch self {
        case .exactly(let name): Self.escaped(name)
        case .beginning(let beginning): Self.escaped(beginning) + "*"
        }
    }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text {
            if "*?[]\\^".contains(character) { escaped.append("\\") }
            escaped.append(character)
        }
        return escaped
    }
}
