/// A user's closure, kept as what it is so that one that cannot suspend runs without a task.
enum Handler<Context>: Sendable {
    case sync(@Sendable (Context) throws -> Void)
    case async(@concurrent @Sendable (Context) async throws -> Void)
}
