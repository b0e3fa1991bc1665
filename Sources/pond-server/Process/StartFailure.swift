/// Why the server did not start: one message for the operator, and how to end.
struct StartFailure: Error, Sendable {
    var code: ExitCode
    var message: String

    init(_ code: ExitCode, _ message: String) {
        self.code = code
        self.message = message
    }
}
