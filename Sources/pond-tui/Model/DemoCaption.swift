/// What a demonstration says, and where the thing is that it speaks of.
struct DemoCaption: Hashable, Sendable {
    var text: String
    var place = Place.messages
    var isPaused = false

    /// The part of the screen that a caption stands beside.
    enum Place: Hashable, Sendable {
        case header
        case rooms
        case people
        case messages
        case prompt
    }
}

/// What the user can do with a running demonstration.
enum DemoControl: Hashable, Sendable {
    /// Stops, or goes on.
    case pause
    case next
    /// Shows what was said before; what happened stays.
    case previous
}
