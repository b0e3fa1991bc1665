import PondKit

/// The two ends that the Autobahn test suite talks to: an echo server, and a client that runs its cases.
@main
struct AutobahnPeer {
    static func main() async throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        if arguments.count == 2, arguments[0] == "server", let port = Int(arguments[1]),
            let address = SocketAddress(ip: "127.0.0.1", port: port)
        {
            print("listening on \(try await EchoServer.start(on: address))")
            while true { try await Task.sleep(for: .seconds(3600)) }
        } else if arguments.count == 2, arguments[0] == "client" {
            try await CaseRunner(url: arguments[1]).run()
        } else {
            print("usage: autobahn-peer server PORT | client ws://HOST:PORT")
        }
    }

    /// The suite sends messages of 16 MB, and 4 MB in fragments of 64 bytes; it wants every answer compressed.
    static var limits: Limits {
        var limits = Limits()
        limits.messageBytes = 20 * 1024 * 1024
        limits.inflatedBytes = 20 * 1024 * 1024
        limits.outboundBytes = 64 * 1024 * 1024
        limits.messageFragments = 100_000
        return limits
    }

    /// Compression with everything a peer may ask for.
    static var deflate: DeflateOptions {
        var options = DeflateOptions()
        options.minimumBytes = 1
        options.serverContextTakeover = true
        options.clientContextTakeover = true
        return options
    }
}
