@testable import PondCore
@testable import PondRedis

extension RedisClient {
    /// What the server answers to a command.
    func answer(_ words: String...) async throws -> RESPValue {
        try await withCheckedContinuation { continuation in
            self.send(words) { continuation.resume(returning: $0) }
        }
        .get()
    }
}
