/// What is wrong with one value, and where it stands.
struct ConfigurationFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// `pond.ini:12`, `POND_PORT`, `--port`; empty for a contradiction between several.
    var place: String
    var message: String

    var description: String { self.place.isEmpty ? self.message : "\(self.place): \(self.message)" }
}
