internal import PondKit

/// `/durable/:id` keeps a history, `/present/:id` shows who is there: what the protocol's second part is checked on.
enum DurableLobbies {
    static func add(to endpoint: Endpoint) throws {
        let durable = try endpoint.createChannel("/durable/:id") { $0.accept() }
        durable.keepHistory(in: Environment.history())
        try durable.onMessage("message") { $0.broadcast("message", $0.payload) }
        _ = try endpoint.createChannel("/present/:id") { context in
            context.accept()
            try context.track(["username": context.assigns["username"] ?? nil])
        }
    }
}
