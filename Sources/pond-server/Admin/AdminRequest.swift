import PondKit

/// What an operator asks of a running server: one line of JSON over the socket in its data folder.
struct AdminRequest: Codable, Sendable, Hashable {
    var command: String
    var arguments: [String]
    /// Values given as `--name value`.
    var options: [String: String]
}
