@testable import PondCore
@testable import PondRedis

extension RedisOptions {
    /// Tries again at once, and says nothing of it.
    static func quick(_ change: (inout RedisOptions) -> Void = { _ in }) -> RedisOptions {
        var options = RedisOptions()
        options.backoff = Backoff(first: .milliseconds(5), cap: .milliseconds(50))
        options.log = SilentLog()
        change(&options)
        return options
    }
}
