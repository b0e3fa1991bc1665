/// An empty object: for events, parameters and presences that say nothing but that they are there.
public struct NoPayload: Codable, Sendable, Hashable {
    public init() {}
}
