import PondCore

/// Recipients as a store keeps them.
extension Recipients {
    /// Nothing for all, a string for all but one, an array for some.
    package var stored: String? {
        switch self {
        case .all: nil
        case .allExcept(let id): JSON.string(id).text
        case .users(let ids): JSON.array(ids.map(JSON.string)).text
        }
    }

    /// Reads what a store kept.
    package init(stored bytes: [UInt8]?) {
        guard let bytes else {
            self = .all
            return
        }
        // What cannot be read is for nobody: it must not reach who it was not for.
        guard let json = try? JSON(parsing: bytes) else {
            self = .users([])
            return
        }
        self = json.string.map { .allExcept($0) } ?? .users(json.array?.compactMap(\.string) ?? [])
    }
}
