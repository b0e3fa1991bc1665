/// How long to wait before the next try: exponential up to a cap, and a random part of that ("full jitter").
///
/// Many clients that lose one server at once come back spread over the whole wait instead of together.
public struct Backoff: Sendable, Hashable {
    /// The longest wait after the first failure.
    public var first: Duration
    /// What each further failure multiplies it by.
    public var factor: Double
    /// What it never passes.
    public var cap: Duration

    /// A backoff from `first`, growing by `factor`, up to `cap`.
    public init(first: Duration = .seconds(1), factor: Double = 2, cap: Duration = .seconds(30)) {
        self.first = first
        self.factor = factor
        self.cap = cap
    }

    /// The longest wait after `failures` failures in a row; zero after none.
    public func ceiling(failures: Int) -> Duration {
        guard failures > 0 else { return .zero }
        guard self.factor > 1 else { return max(.zero, min(self.first, self.cap)) }
        var seconds = self.first.inSeconds
        let cap = self.cap.inSeconds
        for _ in 1..<failures {
            guard seconds > 0, seconds < cap else { break }
            seconds *= self.factor
        }
        return seconds < cap ? max(.zero, .seconds(clamping: seconds)) : max(.zero, self.cap)
    }

    /// The wait itself, `shortest` at least after a failure; `random` is drawn evenly from 0 up to 1.
    public func delay(failures: Int, random: Double) -> Duration {
        guard failures > 0 else { return .zero }
        return max(
            Self.shortest,
            .seconds(clamping: self.ceiling(failures: failures).inSeconds * min(max(random, 0), 1))
        )
    }

    /// The shortest wait after a failure, for any settings: a client makes at most 50 attempts a second.
    public static let shortest = Duration.milliseconds(20)
}
