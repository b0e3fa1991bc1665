/// What covers the panes and takes the keys.
enum Overlay: Hashable, Sendable {
    /// Keys and commands, with a filter.
    case help(filter: String, top: Int)
    /// Rooms by a few letters.
    case switcher(query: String, selected: Int)
    /// A paste of many lines waits for an answer.
    case paste(text: String)
    /// Asked before quitting with messages unsent.
    case quit
    /// Lines of the input history that match.
    case historySearch(query: String, selected: Int)
    /// Messages here that match.
    case search(Search)
    /// Before there is a server: where to go.
    case start(StartScreen)
    /// The user's name is taken: another one is asked for.
    case name(String)
    /// A message is chosen with the keys.
    case selection(Selection)
    /// What the server found, to go to.
    case found(FoundMessages)
    /// The pane of the state machines has the keys.
    case machines
    /// Plain text to read, such as the answer of a command.
    case text(title: String, lines: [String], top: Int)
}

/// The candidates for the word at the cursor, cycled through with Tab.
struct Completion: Hashable, Sendable {
    var candidates: [Candidate]
    var selected: Int
    /// The characters of the editor that a candidate replaces.
    var range: Range<Int>

    /// One possible word.
    struct Candidate: Hashable, Sendable {
        /// What goes into the editor.
        var text: String
        /// What the list says beside it.
        var note: String
    }
}
