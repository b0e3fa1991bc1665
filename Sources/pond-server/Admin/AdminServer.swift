import Glibc
import PondKit

/// Takes an operator's commands on a socket in the data folder: whoever may use the folder may command.
final class AdminServer: Sendable {
    private let descriptor: Int32
    private let path: String

    /// Listens on a thread of its own; `nil` where there can be no socket.
    init?(_ path: String, answer: @escaping @Sendable (AdminRequest, AdminOutput) async -> Void) {
        guard let descriptor = UnixSocket.listen(path) else { return nil }
        self.descriptor = descriptor
        self.path = path
        let started = WorkerThread.start(named: "pond-admin") {
            while true {
                let connection = accept(descriptor, nil, nil)
                if connection < 0 {
                    if errno == EINTR || errno == ECONNABORTED { continue }
                    return
                }
                Self.handle(connection, answer)
            }
        }
        guard started else {
            close(descriptor)
            return nil
        }
    }

    /// Takes no more commands.
    func stop() {
        unlink(self.path)
        shutdown(self.descriptor, Int32(SHUT_RDWR))
    }

    /// Serves a connection on a thread of its own: one that says nothing keeps no other waiting.
    private static func handle(
        _ connection: Int32,
        _ answer: @escaping @Sendable (AdminRequest, AdminOutput) async -> Void
    ) {
        if !WorkerThread.start(named: "pond-admin", { Self.serve(connection, answer) }) { close(connection) }
    }

    private static func serve(
        _ connection: Int32,
        _ answer: @escaping @Sendable (AdminRequest, AdminOutput) async -> Void
    ) {
        UnixSocket.limit(connection, seconds: 5)
        let output = AdminOutput(connection)
        guard let line = UnixSocket.readLine(connection, limit: 64 * 1024),
            let request = try? Payload(parsing: line).decode(AdminRequest.self)
        else {
            output.fail("that is no command")
            return output.end()
        }
        // Whoever prints an export may stop reading for a while.
        UnixSocket.limit(connection, seconds: 60)
        let finished = BlockingQueue<Void>(capacity: 1)
        Task.detached {
            await answer(request, output)
            _ = finished.push(())
        }
        _ = finished.take(upTo: 1)
        output.end()
    }
}
