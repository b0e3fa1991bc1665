/// One result of `pond-server admin doctor` or `--check-config`.
struct Finding: Sendable, Hashable {
    enum Level: String, Sendable, Hashable {
        case ok
        /// The server works, and something should be changed.
        case warning
        /// The server does not do what it promises.
        case fault
    }

    var level: Level
    var subject: String
    var text: String

    init(_ level: Level, _ subject: String, _ text: String) {
        self.level = level
        self.subject = subject
        self.text = text
    }

    var line: String { "\(self.level.rawValue) \(self.subject): \(self.text)" }
}
