// A chat server: rooms, presence, broadcast.
import PondKit

let pond = PondSocket()
let endpoint = try pond.createEndpoint("/socket") { context in
    context.accept(assigns: ["username": .string(context.query["username"]?.first ?? "guest")])
}
let rooms = try endpoint.createChannel("/chat/:room") { context in
    context.accept()
    try context.track(["username": context.user.assigns["username"] ?? "guest"])
}
try rooms.onMessage("message") { context in
    context.broadcast("message", ["from": context.user.assigns["username"] ?? "guest", "text": context.payload["text"] ?? ""])
}
try rooms.onMessage("ping") { context in
    context.reply("pong", context.payload)
}
let address = try await pond.listen(port: 4000)
print("listening on \(address)")
try await Task.sleep(for: .seconds(3600))
