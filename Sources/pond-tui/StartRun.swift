internal import Glibc
internal import PondKit

/// Shows the start screen before a chat, and goes on as the chat that was chosen there.
struct StartRun {
    private let options: CommandLineOptions
    private let arguments: [String]

    /// `arguments` are those of the command line, without the program's name.
    init(_ options: CommandLineOptions, _ arguments: [String]) {
        self.options = options
        self.arguments = arguments
    }

    /// The name to go by where the command line says none; `nil` where the user has to say it. No server lets anybody
    /// be root.
    static var userName: String? { Environment["USER"].flatMap { StartScreen.fault(inName: $0) == nil ? $0 : nil } }

    /// Whether the command line leaves open where to go, or under which name, and there is somebody to ask.
    static func isWanted(_ options: CommandLineOptions) -> Bool {
        guard options.task == .chat, options.mode == .automatic, !options.isLocal, options.commands.isEmpty,
            isatty(0) == 1, isatty(1) == 1, let terminal = Environment["TERM"], terminal != "dumb"
        else { return false }
        return !options.hasServer || (options.nick ?? Self.userName) == nil
    }

    /// Asks, and becomes what was chosen; comes back only to leave, with the exit code.
    func run() -> Int32 {
        let signals = SignalWatch()
        let clock = WallClock()
        let queue = EventQueue()
        let paths = StorePaths(url: self.options.url, nick: "start")
        let store = Store(paths: paths, isKept: false)
        let (settings, keyMap, _) = store.loadSettings()
        let size = CursesTerminal.size() ?? Size(columns: 80, rows: 24)
        var model = Model(size: size, nick: "", url: "", now: clock.now(), idSeed: "start")
        model.settings = settings
        model.settings.title = false
        if let theme = self.options.theme, Theme.named(theme) != nil { model.settings.themeOfRun = theme }
        model.keyMap = keyMap
        model.isLocal = true
        model.secondsEast = WallClock.secondsEast(at: model.now)
        model.overlay = .start(
            StartScreen(
                recent: RecentServers.list(in: paths.folder),
                ownName: self.options.nick ?? Self.userName ?? "",
                address: self.options.hasServer ? self.options.url : nil
            )
        )
        let savedError = StandardError.redirect(to: paths.errors)
        guard let surface = CursesSurface(mouse: false, crashReport: paths.errors) else {
            if let savedError { StandardError.restore(savedError) }
            return Chat(self.options).run()
        }
        model.charset = surface.charset
        let runner = Runner(
            model: model,
            clock: clock,
            queue: queue,
            signals: signals,
            surface: surface,
            session: LocalSession(nick: "", now: { clock.now() }, emit: { _ in }),
            store: store,
            control: nil
        )
        let code = runner.run([], [])
        if let savedError { StandardError.restore(savedError) }
        return runner.decision.map { self.carryOut($0) } ?? code
    }

    private func carryOut(_ decision: StartDecision) -> Int32 {
        switch decision {
        case .quit: return 0
        case .demo: return self.become(["--demo"])
        case .connect(let url, let nick): return self.become(["--url", url, "--nick", nick])
        case .host(let nick):
            if let fault = HostedServer.start() {
                StandardError.write("pond-tui: \(TextSanitiser.plain(fault))\n")
                return 69
            }
            return self.become(["--url", HostedServer.address, "--nick", nick])
        }
    }

    /// Starts this program anew in this process, with what was chosen behind its arguments: the last one counts.
    private func become(_ choice: [String]) -> Int32 {
        let words = ["pond-tui"] + self.arguments + choice
        var pointers: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        pointers.append(nil)
        execv("/proc/self/exe", &pointers)
        for pointer in pointers { free(pointer) }
        StandardError.write("pond-tui: cannot start anew\n")
        return 69
    }
}
