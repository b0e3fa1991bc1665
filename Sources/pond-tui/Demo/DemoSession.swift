internal import PondChat
internal import PondKit

/// A real session with a server in this process, some scripted people, and a script that breaks the connection.
///
/// `@unchecked Sendable`: `people` and `step` are touched on `loop` only.
final class DemoSession: ChatSession, @unchecked Sendable {
    private let session: PondChatSession
    private let server: DemoServer
    private let loop: EventLoop
    private let connector: InProcessConnector
    private let emit: @Sendable (SessionEvent) -> Void
    private let type: @Sendable (Event) -> Void
    private var people: [String: DemoPerson] = [:]
    private var script: [DemoStep]
    private let peopleConnector: InProcessConnector

    init(
        nick: String,
        script: [DemoStep],
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

    func perform(_ request: SessionRequest) { self.session.perform(request) }

    func close() { self.session.close() }

    /// Begins the script.
    func start() { self.loop.execute { self.next() } }

    /// Waits for the next step, does it, and so on; call on the loop.
    private func next() {
        guard !self.script.isEmpty else { return }
        let step = self.script.removeFirst()
        self.loop.schedule(after: step.pause) {
            self.perform(step.act)
            self.next()
        }
    }

    private func perform(_ act: DemoStep.Act) {
        switch act {
        case .caption(let text): self.emit(.caption(text))
        case .enter(let name):
            guard let person = try? DemoPerson(name, room: "lobby", connector: self.peopleConnector, loop: self.loop)
            else {
                return
            }
            self.people[name] = person
            person.join()
        case .leave(let name): self.people.removeValue(forKey: name)?.leave()
        case .type(let name): self.people[name]?.type()
        case .say(let name, let text): self.people[name]?.say(text)
        case .act(let name, let text): self.people[name]?.say(text, .action)
        case .away(let name, let text): self.people[name]?.set(.away, text)
        case .user(let text): self.type(.line(text))
        case .press(let key): self.type(.key(key))
        case .cut:
            self.connector.isReachable = false
            self.connector.cut()
        case .mend: self.connector.isReachable = true
        }
    }
}
