internal import Glibc
internal import PondKit

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
    private let journal: StateJournal
    /// What was last written of the rooms' messages, by which a change is noticed.
    private var savedScreens: [KeptScreens.Signature] = []
    /// Whether they are kept: only by a run that shows them.
    var keepsScreens = false
    private var keptDraft: (room: String, text: String, editing: String?) = ("", "", nil)
    private var keptToken: String?
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
        let number = Self.state(self.statePath)?.journal ?? 0
        self.journal = StateJournal(path: StorePaths.journal(ofState: self.statePath), number: number)
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
    var hasState: Bool { self.loadState() != nil }

    /// The state of the last run.
    func loadState() -> SavedState? { Self.state(self.statePath) }

    /// What stands for the password of a name: a further run may use that of the first.
    func token(of nick: String) -> String? {
        Self.state(self.statePath)?.token(of: nick) ?? Self.state(self.paths.state)?.token(of: nick)
    }

    private static func state(_ path: String) -> SavedState? {
        SavedState(PrivateFile.read(path, limit: 1 << 26), journal: StorePaths.journal(ofState: path))
    }

    /// Writes what has changed.
    func save(_ model: Model) {
        guard self.isKept else { return }
        let state = SavedState(model, journal: self.journal.number).bytes
        if state != self.savedState, PrivateFile.write(state, to: self.statePath) {
            self.savedState = state
            self.journal.clear()
        }
        self.saveScreens(model)
        let text = SettingsFile.text(model.settings)
        if let saved = self.savedSettings, SettingsFile.text(saved) != text {
            if PrivateFile.write(Array(text.utf8), to: self.paths.settings) { self.savedSettings = model.settings }
        }
    }

    private func saveScreens(_ model: Model) {
        guard self.keepsScreens else { return }
        let path = StorePaths.screens(ofState: self.statePath)
        guard model.settings.keepsScreens else {
            self.savedScreens = []
            PrivateFile.remove(path)
            return
        }
        let signature = KeptScreens.signature(of: model)
        guard !signature.isEmpty, signature != self.savedScreens else { return }
        if PrivateFile.write(KeptScreens.bytes(of: model), to: path) { self.savedScreens = signature }
    }

    /// Shows what was kept of the rooms' messages, until the server tells them.
    func restoreScreens(into model: inout Model) {
        self.keepsScreens = self.isKept
        guard self.isKept, model.settings.keepsScreens,
            let bytes = PrivateFile.read(StorePaths.screens(ofState: self.statePath), limit: KeptScreens.fileBytes)
        else { return }
        KeptScreens.restore(bytes, into: &model)
    }

    /// Notes what the user did to the queue; `writeDown` writes it.
    func keep(_ change: QueueChange) {
        guard self.isKept else { return }
        switch change {
        case .entry(let entry): self.journal.add(["entry": entry.json])
        case .dropped(let id): self.journal.add(["dropped": .string(id)])
        }
    }

    /// Notes the text being written.
    func keepDraft(_ model: Model) {
        guard self.isKept, let room = model.current else { return }
        // A password is not written down.
        let text = InputLine.secretStart(room.editor.text) == nil ? room.editor.text : ""
        let editing = room.choice.flatMap { $0.isLoaded ? $0.id : nil }
        guard self.keptDraft != (room.name, text, editing) else { return }
        self.keptDraft = (room.name, text, editing)
        var record: JSONObject = ["room": .string(room.name), "draft": .string(text)]
        if let editing { record["editing"] = .string(editing) }
        self.journal.add(record)
    }

    /// Notes the token of the user's name: without it a run after a kill could not change the messages of this one.
    func keepToken(_ model: Model) {
        guard self.isKept, model.keepsToken, let token = model.identity?.token, token != self.keptToken else { return }
        self.keptToken = token
        self.journal.add(["nick": .string(model.nick), "token": .string(token)])
    }

    /// Writes what was noted.
    func writeDown() { self.journal.write() }

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

/// Says that a state belongs to this process, as long as it lives: the kernel takes the word back however it ends.
final class StateLock {
    private let descriptor: Int32

    /// `nil` when somebody else has the state open. Where no lock can be made at all, nothing can be written either.
    init?(state path: String) {
        guard PrivateFile.makeFolder(of: path) else {
            self.descriptor = -1
            return
        }
        self.descriptor = open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard self.descriptor >= 0, flock(self.descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK else { return }
        close(self.descriptor)
        return nil
    }

    deinit { if self.descriptor >= 0 { close(self.descriptor) } }
}
