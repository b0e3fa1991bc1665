/// Settings, state and logs of one user at one server.
final class Store {
    private let paths: StorePaths
    /// Whether anything is written; a demonstration leaves no traces.
    private let isKept: Bool
    private var savedState: [UInt8] = []
    private var savedSettings: Settings?
    /// Logs that cannot be written are told once.
    private var logFailed = false

    init(paths: StorePaths, isKept: Bool = true) {
        self.paths = paths
        self.isKept = isKept
    }

    /// The settings and keys from their files, with the lines that make no sense.
    func loadSettings() -> (settings: Settings, keyMap: KeyMap, problems: [String]) {
        let (settings, settingsProblems) = SettingsFile.settings(Self.text(self.paths.settings))
        let (keyMap, keyProblems) = SettingsFile.keyMap(Self.text(self.paths.keys))
        self.savedSettings = settings
        return (
            settings, keyMap,
            settingsProblems.map { "tui.conf \($0)" } + keyProblems.map { "keys.conf \($0)" }
        )
    }

    /// Whether this user was here before.
    var hasState: Bool { PrivateFile.read(self.paths.state, limit: 1 << 24) != nil }

    /// The state of the last run.
    func loadState() -> SavedState? { PrivateFile.read(self.paths.state, limit: 1 << 24).flatMap(SavedState.init) }

    /// Writes what has changed.
    func save(_ model: Model) {
        guard self.isKept else { return }
        let state = SavedState(model).bytes
        if state != self.savedState, PrivateFile.write(state, to: self.paths.state) { self.savedState = state }
        if let saved = self.savedSettings, saved != model.settings {
            let text = SettingsFile.text(model.settings)
            if PrivateFile.write(Array(text.utf8), to: self.paths.settings) { self.savedSettings = model.settings }
        }
    }

    /// Adds a line to a room's log.
    func log(room: String, line: String) {
        guard self.isKept, !self.logFailed else { return }
        self.logFailed = !PrivateFile.append(Array((line + "\n").utf8), to: self.paths.log(room: room))
    }

    private static func text(_ path: String) -> String {
        PrivateFile.read(path, limit: 1 << 20).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
