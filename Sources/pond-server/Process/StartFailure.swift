/// Why the server did not start: one message for the operator, and how to end.
struct StartFailure: Error, Sendable {
    var code: ExitCode
    var message: String

    init(_ code: ExitCode, _ message: String) {
        self.code = code
        self.message = message
    }
}

/// How the program ends; scripts and service managers rely on the numbers.
enum ExitCode: Int32, Sendable {
    case stopped = 0
    case failed = 1
    case configuration = 2
    case address = 3
    case dataFolder = 4
}
