internal import PondChat
internal import PondKit

/// A real session with a server in this process, some scripted people, and a script that breaks the connection.
///
/// `@unchecked Sendable`: everything mutable is touched on `loop` only.
final class DemoSession: ChatSession, @unchecked Sendable {
    private let session: PondChatSession
    private let server: DemoServer
    private let loop: EventLoop
    private let connector: InProcessConnector
    private let emit: @Sendable (SessionEvent) -> Void
    private let type: @Sendable (Event) -> Void
    private var people: [String: DemoPerson] = [:]
    private let script: [DemoStep]
    private let nick: String
    /// How much faster than written the script runs.
    private let speed: Double
    /// The step that comes next.
    private var step = 0
    private var timer: TimerID?
    private var isPaused = false
    /// The captions so far, and which of them is shown.
    private var captions: [DemoCaption] = []
    private var shown = 0
    private let peopleConnector: InProcessConnector

    init(
        nick: String,
        script: [DemoStep],
        speed: Double,
        now: @escaping @Sendable () -> WallTime,
        post: @escaping @Sendable (Event) -> Void
    ) throws(PondError) {
        let loop = EventLoop(name: "pond-tui")
        loop.start()
        let server = try DemoServer(now: now)
        let connector = InProcessConnector(server.pond)
        self.server = server
        self.loop = loop
        self.connector = connector
        // The others' connections stay whole while the user's is cut.
        self.peopleConnector = InProcessConnector(server.pond)
        self.emit = { post(.session($0)) }
        self.type = post
        self.script = script
        self.speed = speed
        self.nick = nick
        self.session = PondChatSession(
            url: "ws://demo/socket",
            nick: nick,
            token: nil,
            loop: loop,
            options: {
                var options = PondClientOptions()
                options.connector = connector
                return options
            },
            emit: self.emit
        )
    }

    func perform(_ request: SessionRequest) {
        guard case .demo(let control) = request else { return self.session.perform(request) }
        self.loop.execute { self.control(control) }
    }

    func close() { self.session.close() }

    private static let room = "lobby"

    /// Begins the script.
    func start() { self.loop.execute { self.next() } }

    /// Waits for the next step, does it, and so on; call on the loop.
    private func next() {
        guard !self.isPaused, self.timer == nil, self.script.indices.contains(self.step) else { return }
        let pause = self.script[self.step].pause / self.speed
        self.timer = self.loop.schedule(after: pause) {
            self.timer = nil
            self.doStep()
            self.next()
        }
    }

    private func doStep() {
        let act = self.script[self.step].act
        self.step += 1
        self.perform(act)
    }

    private func control(_ control: DemoControl) {
        if let timer = self.timer { self.loop.cancel(timer) }
        self.timer = nil
        switch control {
        case .pause:
            self.isPaused.toggle()
            if !self.isPaused { self.shown = max(0, self.captions.count - 1) }
            self.showCaption()
        case .next:
            if self.shown + 1 < self.captions.count {
                self.shown += 1
                self.showCaption()
            } else {
                self.skip()
            }
        case .previous:
            self.isPaused = true
            self.shown = max(0, self.shown - 1)
            self.showCaption()
        }
        self.next()
    }

    /// Does everything up to the next caption at once.
    private func skip() {
        while self.script.indices.contains(self.step) {
            let isCaption = if case .caption = self.script[self.step].act { true } else { false }
            self.doStep()
            if isCaption { return }
        }
    }

    private func showCaption() {
        guard self.captions.indices.contains(self.shown) else { return }
        var caption = self.captions[self.shown]
        caption.isPaused = self.isPaused
        self.emit(.caption(caption))
    }

    private func person(_ name: String, in room: String) -> DemoPerson? {
        let key = room + "/" + name
        if let person = self.people[key] { return person }
        guard let person = try? DemoPerson(name, room: room, connector: self.peopleConnector, loop: self.loop) else {
            return nil
        }
        self.people[key] = person
        person.join()
        return person
    }

    private func perform(_ act: DemoStep.Act) {
        switch act {
        case .caption(let caption):
            guard let caption else { return self.emit(.caption(nil)) }
            self.captions.append(caption)
            self.shown = self.captions.count - 1
            self.showCaption()
        case .enter(let name): _ = self.person(name, in: Self.room)
        case .leave(let name): self.people.removeValue(forKey: Self.room + "/" + name)?.leave()
        case .type(let name): self.person(name, in: Self.room)?.type()
        case .say(let name, let text):
            self.person(name, in: Self.room)?.say(text.replacing("NICK", with: self.nick))
        case .sayIn(let name, let room, let text): self.person(name, in: room)?.say(text)
        case .act(let name, let text): self.person(name, in: Self.room)?.say(text, .action)
        case .away(let name, let text): self.person(name, in: Self.room)?.set(.away, text)
        case .user(let text): self.type(.line(text))
        case .press(let key): self.type(.key(key))
        case .cut:
            self.connector.isReachable = false
            self.connector.cut()
        case .mend: self.connector.isReachable = true
        }
    }
}
