import PondCore

extension PondError {
    /// A misuse of presence: tracked twice, not tracked, too large.
    static func presence(_ code: Int, _ message: String) -> PondError {
        PondError(code: code, kind: .presence, message: message)
    }
}
