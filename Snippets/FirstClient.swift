// A client of the first server: it comes back by itself, and nothing is lost on the way.
import PondKit

let client = try PondClient("ws://127.0.0.1:4000/socket", params: ["username": "ann"])
client.onConnectionChange { status in print("connection:", status.state) }
client.connect()

let room = client.createChannel("/chat/lobby")
room.onChannelStateChange { status in print("room:", status.state) }
room.onUsersChange { people in print("\(people.count) here") }
room.join()

let messages = room.messages  // what comes from now on
try room.sendMessage("message", ["text": "hello"])
let pong = try await room.sendForResponse("ping", ["n": 1])
print("pong:", pong)

for await message in messages where message.event == "message" {
    print(message.payload["from"]?.string ?? "?", message.payload["text"]?.string ?? "")
}
