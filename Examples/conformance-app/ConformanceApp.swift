internal import Glibc
internal import PondKit

/// `conformance-app PORT`: the application that the reference servers' traces were recorded with, on this server.
///
/// Any PondSocket client or trace tool can be pointed at it. Environment: `POND_ALLOWED_ORIGINS`, a list with commas;
/// `POND_GRACE`, the seconds that a lost connection's session is kept; `POND_SENDING=plain`, to send without io_uring;
/// `POND_LEAVE_BCAST=1`, to tell the others in `/chat` of every leave with an event too; `POND_REDIS_PORT`, to be one
/// node of several, with `POND_NAMESPACE`, and `POND_HB_INTERVAL`, `POND_HB_TIMEOUT` and `POND_REDIS_PING` in seconds;
/// `POND_LOG=debug`, to log everything.
@main
struct ConformanceApp {
    static func main() {
        guard CommandLine.arguments.count == 2, let port = Int(CommandLine.arguments[1]) else {
            print("usage: conformance-app PORT")
            return
        }
        // Before there is any other thread, so that none of them takes the signal.
        let signals = [SIGTERM, SIGINT]
        SignalWatcher.block(signals)
        let pond: PondSocket
        do {
            pond = PondSocket(options: try Environment.options())
        } catch {
            print("conformance-app: \(error)")
            exit(1)
        }
        Task.detached {
            do {
                try await Self.serve(pond, port)
            } catch {
                print("conformance-app: \(error)")
                exit(1)
            }
        }
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal) }
        var signal: Int32 = 0
        sigwait(&set, &signal)
        Task.detached {
            await pond.stop(drain: .seconds(2))
            exit(0)
        }
        while true { pause() }
    }

    private static func serve(_ pond: PondSocket, _ port: Int) async throws {
        let endpoint = try pond.createEndpoint("/socket") { try ConnectionHandler.handle($0) }
        try ChatLobby.add(to: endpoint)
        try SmallLobbies.add(to: endpoint)
        try DurableLobbies.add(to: endpoint)
        let address = try await pond.listen(host: "127.0.0.1", port: port, deflate: DeflateOptions())
        print("listening on \(address)")
        fflush(nil)
    }
}
