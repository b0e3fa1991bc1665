internal import PondKit

/// Lobbies that decline, say nothing or fail, and one that only passes messages on.
enum SmallLobbies {
    struct Crash: Error {}

    static func add(to endpoint: Endpoint) throws {
        _ = try endpoint.createChannel("/private/:id") { $0.decline(403, "Private channel") }
        _ = try endpoint.createChannel("/noreply/:id") { _ in }
        _ = try endpoint.createChannel("/crash/:id") { _ in throw Crash() }
        let bench = try endpoint.createChannel("/bench/:id") { $0.accept() }
        try bench.onMessage("message") { $0.broadcast("message", $0.payload) }
        try bench.onMessage("echo") { $0.reply("echo", $0.payload) }
    }
}
