internal import PondKit

/// Who may connect: everyone, but for the tokens that ask to be refused.
enum ConnectionHandler {
    struct Crash: Error {}

    static func handle(_ context: ConnectionContext) throws {
        switch context.query["token"]?.first {
        case "bad": return context.decline(401, "Invalid token")
        case "forbidden": return context.decline(403, "Forbidden user")
        case "none": return
        case "crash": throw Crash()
        default: break
        }
        context.accept(assigns: ["username": .string(context.query["username"]?.first ?? "anonymous")])
        if let hello = context.query["hello"]?.first { context.reply("welcome", ["hello": .string(hello)]) }
    }
}
