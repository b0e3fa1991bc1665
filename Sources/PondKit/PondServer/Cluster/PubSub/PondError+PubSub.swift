package import PondCore

extension PondError {
    /// The carrier between the nodes was closed.
    package static var pubSubClosed: PondError {
        PondError(code: 503, kind: .closed, message: "The publisher is closed")
    }
}
