/// Where a value comes from; a later case overrides an earlier one.
enum ConfigurationSource: Sendable, Hashable {
    case standard
    case file(name: String, line: Int)
    case environment(variable: String)
    case flag(String)

    var description: String {
        switch self {
        case .standard: "default"
        case .file(let name, let line): "\(name):\(line)"
        case .environment(let variable): variable
        case .flag(let flag): flag
        }
    }
}

/// A value as it stands somewhere, before it is understood.
struct ConfigurationEntry: Sendable, Hashable {
    /// The name of the option; `rooms.NAME` for the topic of a room.
    var name: String
    var value: String
    var source: ConfigurationSource
}

/// What is wrong with one value, and where it stands.
struct ConfigurationFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// `pond.ini:12`, `POND_PORT`, `--port`; empty for a contradiction between several.
    var place: String
    var message: String

    var description: String { self.place.isEmpty ? self.message : "\(self.place): \(self.message)" }
}
