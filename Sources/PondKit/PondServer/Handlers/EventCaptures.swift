import PondCore

/// What a pattern took from an event's name.
final class EventCaptures: Sendable {
    let params: [String: String]
    let wildcard: String?
    let query: [String: [String]]

    init(_ match: RouteMatch) {
        self.params = match.params
        self.wildcard = match.wildcard
        self.query = match.query
    }
}
