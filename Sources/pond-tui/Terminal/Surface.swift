/// What a person or a script has before it: the terminal, or lines in and out. Belongs to the main thread.
protocol Surface: AnyObject {
    /// What bytes from standard input mean.
    func events(from bytes: [UInt8]) -> [Event]
    /// Whether bytes were read that mean something by themselves when no more follow soon.
    var hasPendingInput: Bool { get }
    /// What they mean then.
    func flushInput() -> [Event]
    /// What to wait for while not everything that was shown is out; nothing more is to be shown until then.
    var blockedOutput: Int32? { get }
    /// Sends what waits, as much as is taken.
    func flushOutput()
    /// Shows the model.
    func show(_ model: Model)
    /// The size has changed, where there is one.
    func resized() -> Size?
    /// Does what only the surface can; gives back what came of it.
    func perform(_ effect: Effect, _ model: Model) -> [Event]
    /// Puts everything back as it was before the program.
    func leave()
    /// Whether a screen is drawn, so that frames are worth saving.
    var isScreen: Bool { get }
}
