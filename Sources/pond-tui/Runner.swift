internal import CPondSys
internal import Glibc
internal import PondKit

/// The loop of the main thread: waits for keys, signals, the session and time, gives all of it to `update`, does what
/// that wants, and shows the model. Sleeps without end while nothing happens.
final class Runner {
    private var model: Model
    private let clock: WallClock
    private let queue: EventQueue
    private let signals: SignalWatch
    private let surface: any Surface
    private let session: any ChatSession
    private let store: Store
    private var control: ControlSocket?

    private var inputIsOpen = true
    /// Events that were taken and are not applied yet, the next one last.
    private var waiting: [Event] = []
    private var needsFrame = true
    private var lastFrame: Int64 = 0
    private var frameCost: Int64 = 0
    private var saveAt: WallTime?
    private var draftMayHaveChanged = false
    private var nextZoneCheck = WallTime(milliseconds: 0)
    private var exitCode: Int32?
    /// What the start screen came to.
    private(set) var decision: StartDecision?
    /// The signal to die of, so that the one who waits for us learns it.
    private var fatalSignal: Int32?
    /// After the end of a script's input: what is waited for.
    private var scriptEnd: ScriptEnd?

    init(
        model: Model,
        clock: WallClock,
        queue: EventQueue,
        signals: SignalWatch,
        surface: any Surface,
        session: any ChatSession,
        store: Store,
        control: ControlSocket?
    ) {
        self.model = model
        self.clock = clock
        self.queue = queue
        self.signals = signals
        self.surface = surface
        self.session = session
        self.store = store
        self.control = control
    }

    /// Runs until the program is to end; gives back its exit code. A fatal signal ends the process from here.
    func run(_ first: [Event], _ effects: [Effect]) -> Int32 {
        for effect in effects { self.perform(effect) }
        for event in first { self.apply(event) }
        while self.exitCode == nil, self.fatalSignal == nil {
            self.writeDown()
            self.showIfDue()
            self.wait()
            self.passTime()
            self.endScript()
        }
        if self.surface.blockedOutput == nil { self.surface.show(self.model) }
        self.reportUndelivered()
        self.finish()
        return self.exitCode ?? 0
    }

    private func finish() {
        self.store.save(self.model)
        self.surface.leave()
        self.control?.close()
        self.queue.stop()
        self.session.close()
        if self.decision == nil { HostedServer.stop() }
        if let signal = self.fatalSignal { SignalWatch.obey(signal, group: false) }
    }

    // MARK: Events

    private func apply(_ event: Event) {
        let now = self.clock.now()
        if now >= self.nextZoneCheck {
            self.nextZoneCheck = now + 900_000
            let seconds = WallClock.secondsEast(at: now)
            if seconds != self.model.secondsEast {
                _ = Update.apply(.zone(secondsEast: seconds), to: &self.model, at: now)
            }
        }
        let effects = Update.apply(event, to: &self.model, at: now)
        self.needsFrame = true
        switch event {
        case .key, .paste, .edited, .output:
            self.draftMayHaveChanged = true
            if self.saveAt == nil { self.saveAt = now + 2_000 }
        default: break
        }
        for effect in effects { self.perform(effect) }
        // Plain mode has no pages that stay open: what is told is printed at once.
        if !self.surface.isScreen, self.model.overlay != nil || self.model.hint != nil {
            self.surface.show(self.model)
            _ = Update.apply(.dismiss, to: &self.model, at: now)
        }
    }

    private func perform(_ effect: Effect) {
        switch effect {
        case .session(let request): self.session.perform(request)
        case .save: if self.saveAt == nil { self.saveAt = self.clock.now() + 500 }
        case .keep(let change): self.store.keep(change)
        case .quit(let code): self.exitCode = code
        case .start(let decision):
            self.decision = decision
            self.exitCode = 0
        case .endInput:
            self.inputIsOpen = false
            self.endInput()
        case .openURL(let url):
            if ChildProcess.run(["xdg-open", url], .detached) == nil {
                self.apply(.problem("cannot run xdg-open: \(url)"))
            }
        case .run(let command): self.runCommand(command)
        case .log(let room, let line): self.store.log(room: room, line: line)
        case .export(let path, let text):
            let isWritten = PrivateFile.write(Array(text.utf8), to: path)
            self.apply(.problem(isWritten ? "written to \(path)" : "cannot write \(path)"))
        case .reloadSettings:
            let (settings, keyMap, problems) = self.store.loadSettings()
            self.apply(.settings(settings, keyMap))
            if let problem = problems.first { self.apply(.problem(problem)) }
        case .bell, .notify, .copy, .bare, .suspend, .repaint, .edit, .mouse:
            if case .suspend = effect { self.store.save(self.model) }
            for event in self.surface.perform(effect, self.model) { self.apply(event) }
        }
    }

    /// A program may take its time: it is waited for on a thread of its own.
    private func runCommand(_ command: String) {
        let queue = self.queue
        Self.onThread {
            if let text = ChildProcess.output(of: command, limit: 65_536) {
                queue.post(.output(text))
            } else {
                queue.post(.problem("cannot run \(command)"))
            }
        }
    }

    private static func onThread(_ work: @escaping @Sendable () -> Void) {
        let box = Unmanaged.passRetained(ThreadWork(work)).toOpaque()
        var thread = pthread_t()
        let made = pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<ThreadWork>.fromOpaque(argument).takeRetainedValue().work()
                return nil
            },
            box
        )
        if made == 0 { pthread_detach(thread) }
    }

    private final class ThreadWork: Sendable {
        let work: @Sendable () -> Void
        init(_ work: @escaping @Sendable () -> Void) { self.work = work }
    }

    // MARK: Waiting

    private func wait() {
        var fds = [
            pollfd(fd: self.signals.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: self.queue.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: self.inputIsOpen ? 0 : -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: self.surface.blockedOutput ?? -1, events: Int16(POLLOUT), revents: 0),
        ]
        let controlStart = fds.count
        fds += (self.control?.descriptors ?? []).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        let count = poll(&fds, nfds_t(fds.count), self.waiting.isEmpty ? self.timeout : 0)
        guard count > 0 || !self.waiting.isEmpty else {
            if count == 0, self.surface.hasPendingInput { for event in self.surface.flushInput() { self.apply(event) } }
            return
        }
        if fds[0].revents != 0 { for number in self.signals.take() { self.received(number) } }
        if fds[2].revents != 0 { self.readInput() }
        if fds[3].revents != 0 { self.surface.flushOutput() }
        if self.waiting.isEmpty, fds[1].revents != 0 { self.waiting = self.queue.take().reversed() }
        self.applyWaiting()
        if fds[controlStart...].contains(where: { $0.revents != 0 }) { self.serveControl() }
    }

    /// For this long events of the session are applied before keys are looked at and a frame is shown.
    private static let eventTime: Int64 = 15

    private func applyWaiting() {
        let start = self.clock.now()
        while self.exitCode == nil, let event = self.waiting.popLast() {
            self.apply(event)
            if self.waiting.count.isMultiple(of: 16), self.clock.now() - start >= Self.eventTime { return }
        }
    }

    private func readInput() {
        switch FileDescriptor.read(0) {
        case .bytes(let bytes): for event in self.surface.events(from: bytes) { self.apply(event) }
        case .nothing: break
        case .ended:
            self.inputIsOpen = false
            for event in self.surface.flushInput() { self.apply(event) }
            // A terminal that is gone is gone; a script that has ended still wants its messages sent.
            if self.surface.isScreen { self.fatalSignal = SIGHUP } else { self.endInput() }
        }
    }

    private func received(_ number: Int32) {
        switch number {
        case SIGWINCH, SIGCONT:
            if let size = self.surface.resized() { self.apply(.resize(size)) }
        case SIGTSTP:
            if self.surface.isScreen {
                for event in self.surface.perform(.suspend, self.model) { self.apply(event) }
            } else {
                SignalWatch.obey(SIGTSTP, group: false)
            }
        default: self.fatalSignal = number
        }
    }

    private func serveControl() {
        guard let control = self.control else { return }
        control.serve { line in
            if let fault = InputLine(line).fault {
                return ControlSocket.errorMark + TextSanitiser.plain(fault) + "\n"
            }
            self.apply(.line(line))
            var answer: [String]
            if case .text(let title, let lines, _) = self.model.overlay {
                answer = [title] + lines
                self.apply(.dismiss)
            } else {
                answer = [self.model.hint ?? "ok"]
            }
            return answer.map { TextSanitiser.plain($0) }.joined(separator: "\n") + "\n"
        }
    }

    /// Until something happens by itself, in milliseconds; -1 is for ever.
    private var timeout: Int32 {
        let now = self.clock.now()
        var times: [WallTime] = []
        if let tick = self.model.nextTick { times.append(tick) }
        if let saveAt = self.saveAt { times.append(saveAt) }
        if self.needsFrame, self.surface.blockedOutput == nil {
            times.append(WallTime(milliseconds: self.lastFrame + self.frameInterval))
        }
        if self.surface.hasPendingInput { times.append(now + Self.escapeDelay) }
        if let end = self.scriptEnd { times.append(min(end.deadline, now + 1_000)) }
        guard let next = times.min() else { return -1 }
        return Int32(min(max(0, next - now), 3_600_000))
    }

    /// How long a lone Escape may still become a sequence.
    private static let escapeDelay: Int64 = Environment["ESCDELAY"].flatMap { Int64($0) } ?? 25

    private func passTime() {
        let now = self.clock.now()
        if let tick = self.model.nextTick, tick <= now { self.apply(.tick) }
        if let saveAt = self.saveAt, saveAt <= now {
            self.saveAt = nil
            self.store.save(self.model)
        }
    }

    /// Before the screen answers a key, what it did is written: a kill from here on loses nothing.
    private func writeDown() {
        if self.draftMayHaveChanged {
            self.draftMayHaveChanged = false
            self.store.keepDraft(self.model)
        }
        self.store.keepToken(self.model)
        self.store.writeDown()
    }

    // MARK: Frames

    /// At most 60 frames a second, and never more than half the time spent on drawing.
    private var frameInterval: Int64 { max(16, self.frameCost * 2) }

    private func showIfDue() {
        // A terminal that is slow gets the newest frame when it is ready for one, and none of those between.
        guard self.needsFrame, self.surface.blockedOutput == nil else { return }
        let now = self.clock.now().milliseconds
        guard !self.surface.isScreen || now - self.lastFrame >= self.frameInterval else { return }
        self.needsFrame = false
        self.surface.show(self.model)
        self.lastFrame = self.clock.now().milliseconds
        self.frameCost = min(100, self.lastFrame - now)
    }

    // MARK: Scripts

    private func endInput() { if self.scriptEnd == nil { self.scriptEnd = ScriptEnd(at: self.clock.now()) } }

    private func endScript() {
        guard var end = self.scriptEnd, self.exitCode == nil else { return }
        self.exitCode = end.exitCode(self.model, at: self.clock.now())
        self.scriptEnd = end
    }

    /// Who runs a script learns what was not delivered, and may send it again: it does not go out later by itself.
    private func reportUndelivered() {
        guard self.scriptEnd != nil, self.fatalSignal == nil, let report = ScriptEnd.report(self.model) else { return }
        StandardError.write(report)
        for entry in ScriptEnd.unconfirmed(self.model) { _ = self.model.outbox.drop(entry.id) }
    }
}
