import PondKit

/// What an operator asks of a running server: one line of JSON over the socket in its data folder.
struct AdminRequest: Codable, Sendable, Hashable {
    var command: String
    var arguments: [String]
    /// Values given as `--name value`.
    var options: [String: String]
}

/// A command line of `pond-server admin`, understood.
struct AdminCall: Hashable {
    var dataFolder: String
    var request: AdminRequest

    /// `nil` where it is no command.
    init?(_ arguments: [String], environment folder: String?) {
        var positional: [String] = []
        var options: [String: String] = [:]
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("--") else {
                positional.append(argument)
                continue
            }
            let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let value = parts.count == 2 ? String(parts[1]) : rest.popFirst() else { return nil }
            options[String(parts[0])] = value
        }
        guard let command = positional.first, AdminVerb(rawValue: command) != nil else { return nil }
        self.dataFolder = options.removeValue(forKey: "data") ?? folder ?? ServerConfiguration().dataFolder
        self.request = AdminRequest(command: command, arguments: Array(positional.dropFirst()), options: options)
    }
}
