/// Settings, state and logs of one user at one server.
final class Store {
    private let paths: StorePaths
    /// Where this run's state is: runs of one user at the same time have each their own.
    private let statePath: String
    private let lock: StateLock?
    /// Whether another run of this user was there first.
    let isCopy: Bool
    /// Whether anything is written; a demonstration leaves no traces.
    private let isKept: Bool
    private var savedState: [UInt8] = []
    private var savedSettings: Settings?
    /// Logs that cannot be written are told once.
    private var logFailed = false

    init(paths: StorePaths, isKept: Bool = true) {
        self.paths = paths
        self.isKept = isKept
        let candidates = [paths.state] + (2...9).map { paths.state(ofCopy: $0) }
        var chosen: (path: String, lock: StateLock)?
        for path in isKept ? candidates : [] {
            guard let lock = StateLock(state: path) else { continue }
            chosen = (path, lock)
            break
        }
        self.statePath = chosen?.path ?? paths.state
        self.lock = chosen?.lock
        self.isCopy = isKept && self.statePath != paths.state
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
    var hasState: Bool { PrivateFile.read(self.statePath, limit: 1 << 24) != nil }

    /// The state of the last run.
    func loadState() -> SavedState? { Self.state(self.statePath) }

    /// What stands for the password of a name: a further run may use that of the first.
    func token(of nick: String) -> String? {
        Self.state(self.statePath)?.token(of: nick) ?? Self.state(self.paths.state)?.token(of: nick)
    }

    private static func state(_ path: String) -> SavedState? {
        PrivateFile.read(path, limit: 1 << 24).flatMap(SavedState.init)
    }

    /// Writes what has changed.
    func save(_ model: Model) {
        guard self.isKept else { return }
        let state = SavedState(model).bytes
        if state != self.savedState, PrivateFile.write(state, to: self.statePath) { self.savedState = state }
        if let saved = self.savedSettings, saved != model.settings {
            let text = SettingsFile.text(model.settings)
            if PrivateFile.write(Array(text.utf8), to: self.paths.settings) { self.savedSettings = model.settings }
        }
    }

    /// Adds a line to a room's log.
    func log(room: String, line: String) {
        // The first run writes what all of them see.
        guard self.isKept, !self.isCopy, !self.logFailed else { return }
        self.logFailed = !PrivateFile.append(Array((line + "\n").utf8), to: self.paths.log(room: room))
    }

    private static func text(_ path: String) -> String {
        PrivateFile.read(path, limit: 1 << 20).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
