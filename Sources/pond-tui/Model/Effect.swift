/// What `update` wants done outside; whatever comes of it returns as an event.
enum Effect: Hashable, Sendable {
    case session(SessionRequest)
    case bell
    /// A notification for when the terminal is out of sight.
    case notify(title: String, body: String)
    case copy(String)
    case openURL(String)
    /// Plain text on the normal screen until Enter is pressed.
    case bare([String])
    case suspend
    case repaint
    /// A text to be changed in `$EDITOR`.
    case edit(String)
    /// A program whose output goes to the input line.
    case run(String)
    case mouse(Bool)
    /// Settings, rooms, drafts, markers and outbox have changed: write them down.
    case save
    /// Something of the queue has changed by the user's hand: written before anything else happens.
    case keep(QueueChange)
    case reloadSettings
    case log(room: String, line: String)
    case export(path: String, text: String)
    case quit(code: Int32)
    /// The start screen is done.
    case start(StartDecision)
    /// No more lines are read; the program ends when what it was given is delivered.
    case endInput
}

/// A change of the queue that must not be lost, however the program ends.
enum QueueChange: Hashable, Sendable {
    /// An entry is new or has another text.
    case entry(OutboxEntry)
    /// The entry with this id is not to be sent any more.
    case dropped(String)
}
