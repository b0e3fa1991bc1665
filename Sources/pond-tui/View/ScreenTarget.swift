/// What there is to click on at some place of the screen.
enum ScreenTarget: Hashable, Sendable {
    case room(String)
    case person(String)
    /// A link of the room shown, by its number.
    case link(Int)
    /// The words that say how much there is below.
    case newest
    /// A place in the text being written.
    case prompt(character: Int)
}
