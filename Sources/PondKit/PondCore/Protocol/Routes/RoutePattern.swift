/// The shape of the paths or channel names that a route takes.
///
/// `/chat/:room` takes `/chat/42` and captures `room`; `/user/id:name` takes `/user/id7` and captures `7`;
/// `/files/*` takes everything below. Slashes at the ends and doubled ones do not count; case does.
public struct RoutePattern: Sendable, Hashable {
    /// The pattern as it was given.
    public let text: String
    private let segments: [Segment]

    private enum Segment: Sendable, Hashable {
        case literal([UInt8])
        case capture(prefix: [UInt8], name: String)
        case rest
    }

    /// A pattern; refuses a capture without a name, a name used twice and a `*` that is not last.
    public init(_ pattern: String) throws(PondError) {
        self.text = pattern
        var segments: [Segment] = []
        var names: Set<String> = []
        for part in pattern.utf8.split(separator: 0x2F) {
            if segments.last == .rest {
                throw .badRequest("Route \(pattern): '*' must be the last segment")
            }
            if part.elementsEqual("*".utf8) {
                segments.append(.rest)
            } else if let colon = part.firstIndex(of: 0x3A) {
                let name = String(part[part.index(after: colon)...]) ?? ""
                guard !name.isEmpty else { throw .badRequest("Route \(pattern): a parameter has no name") }
                guard names.insert(name).inserted else {
                    throw .badRequest("Route \(pattern): parameter '\(name)' is used twice")
                }
                segments.append(.capture(prefix: Array(part[..<colon]), name: name))
            } else {
                segments.append(.literal(Array(part)))
            }
        }
        self.segments = segments
    }

    /// Whether this pattern matches exactly the paths that the other matches; names of captures do not count.
    ///
    /// Of two such patterns the one that is registered second would never be asked.
    package func hasShape(of other: RoutePattern) -> Bool {
        self.segments.count == other.segments.count
            && zip(self.segments, other.segments).allSatisfy { ours, theirs in
                switch (ours, theirs) {
                case (.capture(let prefix, _), .capture(let other, _)): prefix == other
                default: ours == theirs
                }
            }
    }

    /// What this pattern finds in a path with an optional query, or `nil` when the path has another shape.
    public func match(_ path: String) -> RouteMatch? {
        var path = path
        return path.withUTF8 { self.match($0) }
    }

    private func match(_ path: UnsafeBufferPointer<UInt8>) -> RouteMatch? {
        let end = path.firstIndex(of: 0x3F) ?? path.endIndex
        var match = RouteMatch()
        var rest = path[..<end]
        for segment in self.segments {
            if segment == .rest {
                let parts = rest.split(separator: 0x2F)
                match.wildcard = PercentCoding.decode(Array(parts.joined(separator: [0x2F])))
                rest = rest[rest.endIndex...]
                break
            }
            guard let part = Self.takePart(from: &rest) else { return nil }
            switch segment {
            case .literal(let literal):
                guard part.elementsEqual(literal) || PercentCoding.bytes(part).elementsEqual(literal) else {
                    return nil
                }
            case .capture(let prefix, let name):
                guard part.starts(with: prefix), part.count > prefix.count else { return nil }
                match.params[name] = PercentCoding.decode(part.dropFirst(prefix.count))
            case .rest: break
            }
        }
        guard Self.takePart(from: &rest) == nil else { return nil }
        if end < path.endIndex { match.query = PercentCoding.query(path[(end + 1)...]) }
        return match
    }

    /// The bytes up to the next slash, without slashes before them; `nil` at the end.
    private static func takePart(
        from rest: inout Slice<UnsafeBufferPointer<UInt8>>
    ) -> Slice<UnsafeBufferPointer<UInt8>>? {
        guard let start = rest.firstIndex(where: { $0 != 0x2F }) else { return nil }
        let end = rest[start...].firstIndex(of: 0x2F) ?? rest.endIndex
        defer { rest = rest[end...] }
        return rest[start..<end]
    }

    public static func == (left: RoutePattern, right: RoutePattern) -> Bool { left.segments == right.segments }
    public func hash(into hasher: inout Hasher) { hasher.combine(self.segments) }
}
