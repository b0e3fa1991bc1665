internal import Glibc
internal import PondKit

/// Puts the program together: settings, state, surface, session, loop.
struct Chat {
    private let options: CommandLineOptions

    init(_ options: CommandLineOptions) { self.options = options }

    /// Runs the chat; gives back the exit code.
    func run() -> Int32 {
        // Before the first thread: all of them inherit what is blocked.
        let signals = SignalWatch()
        let clock = WallClock()
        let queue = EventQueue()
        let named = self.options.nick ?? StartRun.userName
        let nick = named ?? "guest"
        let isDemo = self.options.task == .demo
        let paths = StorePaths(url: self.options.url, nick: nick)
        let store = Store(paths: paths, isKept: !isDemo)
        let (settings, keyMap, problems) = store.loadSettings()

        var model = Model(
            size: CursesTerminal.size() ?? Size(columns: 80, rows: 24),
            nick: nick,
            url: isDemo ? "demo" : self.options.isLocal ? "no server" : self.options.url,
            now: clock.now(),
            idSeed: PondID.token()
        )
        model.settings = settings
        if let theme = self.options.theme {
            guard Theme.named(theme) != nil else {
                let names = Theme.all.map(\.name).joined(separator: ", ")
                StandardError.write("pond-tui: --theme is one of \(names)\n")
                return 64
            }
            model.settings.themeOfRun = theme
        }
        model.isLocal = self.options.isLocal
        model.keyMap = keyMap
        model.secondsEast = WallClock.secondsEast(at: model.now)
        let saved = isDemo ? nil : store.loadState()
        saved?.restore(into: &model)
        let ownToken = self.options.token ?? Environment["POND_TOKEN"]
        model.keepsToken = ownToken == nil
        let isFirstTime = !store.hasState

        guard let (surface, savedError) = self.makeSurface(&model, paths: paths) else { return 69 }
        if surface.isScreen { store.restoreScreens(into: &model) }
        model.isScript = !surface.isScreen && isatty(0) == 0
        var control: ControlSocket?
        if let path = self.options.listenPath {
            control = ControlSocket(path: path)
            guard control != nil else {
                surface.leave()
                StandardError.write("pond-tui: cannot listen at \(TextSanitiser.plain(path))\n")
                return 69
            }
        }
        if let problem = problems.first {
            model.hint = problem
        } else if store.isCopy {
            model.hint = "\(TextSanitiser.plain(nick)) is open here already: this one keeps its own rooms and drafts"
        } else if named == nil, surface.isScreen, !isDemo {
            model.hint = "you are \(nick): /nick NAME or --nick NAME is another name; F1 shows keys and commands"
        } else if isFirstTime, surface.isScreen {
            model.hint = "F1 shows keys and commands; Ctrl-C twice quits"
        } else if surface.isScreen, model.charset == "ASCII" {
            model.hint = "this locale is not UTF-8: other letters show as ?; LC_ALL=C.UTF-8 shows all"
        }
        let session: any ChatSession
        do throws(PondError) {
            session = try self.makeSession(
                model,
                token: ownToken ?? (isDemo ? nil : store.token(of: nick)),
                clock: clock,
                queue: queue
            )
        } catch {
            surface.leave()
            StandardError.write("pond-tui: \(error.message)\n")
            return 69
        }
        // A program that gives commands sees no list: it gets the usual room.
        let isAlone = self.options.rooms.isEmpty && self.options.commands.isEmpty && control == nil
        model.wantsRoomList =
            surface.isScreen && !isDemo && !self.options.isLocal && model.rooms.isEmpty && isAlone
        let runner = Runner(
            model: model,
            clock: clock,
            queue: queue,
            signals: signals,
            surface: surface,
            session: session,
            store: store,
            control: control
        )
        (session as? DemoSession)?.start()
        let effects: [Effect] = model.rooms.map { .session(.join(room: $0.name)) } + [.session(.connect(url: nil))]
        // What a pipe says must not go to the room that somebody last looked at.
        let needsRoom = model.rooms.isEmpty || model.isScript
        let rooms =
            self.options.rooms.isEmpty && needsRoom && !model.wantsRoomList ? [Room.standard] : self.options.rooms
        // In their order, and then to the first of them.
        let back = rooms.count > 1 ? ["/join \(rooms[0])"] : []
        let first = (rooms.map { "/join \($0)" } + back + self.options.commands).map(Event.line)
        let code = runner.run(first, effects)
        if let savedError { StandardError.restore(savedError) }
        return code
    }

    /// The screen where there is a terminal that can show one, else lines.
    private func makeSurface(_ model: inout Model, paths: StorePaths) -> (any Surface, Int32?)? {
        switch self.options.mode {
        case .plain: return (PlainSurface(isJSON: false), nil)
        case .json: return (PlainSurface(isJSON: true), nil)
        case .automatic: break
        }
        guard isatty(0) == 1, isatty(1) == 1 else { return (PlainSurface(isJSON: false), nil) }
        let kind = Environment["TERM"]
        guard let kind, kind != "dumb" else {
            StandardError.write("pond-tui: TERM is \(kind ?? "not set"): no screen, plain lines\n")
            return (PlainSurface(isJSON: false), nil)
        }
        let savedError = StandardError.redirect(to: paths.errors)
        guard let surface = CursesSurface(mouse: model.settings.mouse, crashReport: paths.errors) else {
            if let savedError { StandardError.restore(savedError) }
            StandardError.write("pond-tui: the terminal \(TextSanitiser.plain(kind)) is not known: plain lines\n")
            return (PlainSurface(isJSON: false), nil)
        }
        model.charset = surface.charset
        return (surface, savedError)
    }

    private func makeSession(
        _ model: Model,
        token: String?,
        clock: WallClock,
        queue: EventQueue
    ) throws(PondError) -> any ChatSession {
        if self.options.task == .demo {
            return try DemoSession(
                nick: model.nick,
                script: DemoStep.tour,
                speed: self.options.demoSpeed,
                now: { clock.now() },
                post: { queue.post($0) }
            )
        }
        if self.options.isLocal {
            return LocalSession(nick: model.nick, now: { clock.now() }, emit: { queue.post(.session($0)) })
        }
        let loop = EventLoop(name: "pond-tui")
        loop.start()
        return PondChatSession(
            url: self.options.url,
            nick: model.nick,
            token: token,
            loop: loop,
            options: { [verifies = self.options.verifiesCertificates] in
                var options = PondClientOptions()
                options.tls.verifiesServer = verifies
                return options
            },
            // The loop's thread waits: a server that floods is read no faster than its events are shown.
            emit: { queue.post(.session($0), waitsForRoom: true) }
        )
    }
}
