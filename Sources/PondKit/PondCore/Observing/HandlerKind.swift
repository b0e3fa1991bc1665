/// The moments at which user code runs.
public enum HandlerKind: String, Sendable, CaseIterable {
    case connection
    case join
    case message
    case leave
    case outgoing
}
