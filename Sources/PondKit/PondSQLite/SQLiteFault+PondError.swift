package import PondCore

extension SQLiteFault {
    /// What a peer may be told: whether to try again, and of a broken rule its words.
    package var asPondError: PondError {
        var error: PondError =
            switch self.kind {
            case .full, .readOnly, .busy, .inputOutput, .closed: .unavailable("It could not be stored; try again later")
            case .constraint: .conflict(self.message)
            case .corrupt, .cannotOpen, .misuse: .internalError("The store failed")
            }
        error.underlying = self.description
        return error
    }
}
