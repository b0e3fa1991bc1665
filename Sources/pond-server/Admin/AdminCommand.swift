import Glibc
import PondKit

/// `pond-server admin …`: hands a command to the running server and prints what it says.
enum AdminCommand {
    static func run(_ arguments: [String]) -> ExitCode {
        guard let call = AdminCall(arguments, environment: getenv("POND_DATA").map { String(cString: $0) }) else {
            print(AdminVerb.help)
            return arguments.first == "help" || arguments.contains("--help") ? .stopped : .configuration
        }
        let path = DataFolder.adminSocket(in: call.dataFolder)
        guard let connection = UnixSocket.connect(path) else {
            return Self.complain(
                "no server runs on the data folder \(call.dataFolder): \(DataFolder.lastError)",
                .dataFolder
            )
        }
        defer { close(connection) }
        guard let line = try? Payload(encoding: call.request),
            UnixSocket.write(connection, String(decoding: line.bytes, as: UTF8.self) + "\n")
        else { return Self.complain("the server does not listen", .failed) }
        var code = ExitCode.stopped
        while let answer = UnixSocket.readLine(connection, limit: 1 << 20) {
            let text = String(decoding: answer.dropFirst(), as: UTF8.self)
            if answer.first == UInt8(ascii: "-") {
                code = Self.complain(text, .failed)
            } else {
                print(text)
            }
        }
        return code
    }

    private static func complain(_ text: String, _ code: ExitCode) -> ExitCode {
        ServerLog.toStandardError("pond-server admin: \(text)\n")
        return code
    }
}
