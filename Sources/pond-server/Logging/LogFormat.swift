/// How log lines look.
enum LogFormat: String, Sendable, Hashable, CaseIterable {
    /// For people: time, level, message, `name=value`.
    case text
    /// For programs: one JSON object a line.
    case json
}
