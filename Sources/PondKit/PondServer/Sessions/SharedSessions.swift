import PondCore
import PondRuntime

/// The sessions of one node that other nodes may take, and the node's word that it lives.
final class SharedSessions: Sendable {
    private struct Entry {
        weak var session: SharedSession?
    }

    private let node: String
    private let store: any SharedSessionStore
    private let grace: Duration
    private let sessions = Lock<[String: Entry]>([:])

    init(node: String, store: any SharedSessionStore, grace: Duration) {
        self.node = node
        self.store = store
        self.grace = grace
        store.onReturn { [weak self] in self?.storeReturned() }
    }

    /// A node said that it took a session: `{"node":whose,"generation":n,"session":which}`.
    func heard(_ bytes: [UInt8]) {
        guard let json = try? JSON(parsing: bytes), json["node"]?.string == self.node,
            let generation = json["generation"]?.int, let key = json["session"]?.string,
            let session = self.sessions.withLock({ $0[key]?.session })
        else { return }
        if session.owner.generation <= generation { session.moved() }
    }

    /// How often `beat` is to be called.
    var interval: Duration { max(self.grace / 3, .milliseconds(200)) }

    /// Says that the node lives: from its last word on, its sessions can be taken for the grace time.
    func beat() { self.store.keepAlive(self.node, for: self.grace + self.interval) }

    /// Keeps every session from expiring.
    func touchAll() { for session in self.all { session.check() } }

    private func storeReturned() {
        self.beat()
        self.touchAll()
    }

    private var all: [SharedSession] { self.sessions.withLock { $0.values.compactMap(\.session) } }

    /// A session begins on this node.
    func begin(_ token: SessionToken, _ record: SessionRecord) -> SharedSession {
        let session = SharedSession(
            token,
            record,
            owner: SessionOwner(node: self.node, generation: 1),
            restorable: [:],
            in: self.store
        )
        self.sessions.withLock { $0[session.key] = Entry(session: session) }
        return session
    }

    /// Looks for a session on other nodes and takes it over; `nil` where there is none, or nobody can be asked in time.
    func take(
        _ token: SessionToken,
        endpoint: String,
        on loop: EventLoop,
        within deadline: Duration = .seconds(1),
        then: @escaping (SharedSession?, SessionRecord?) -> Void
    ) {
        let question = LoopConfined(Question(then), to: loop)
        question.value.timer = loop.schedule(after: deadline) { question.value.answer(nil, nil) }
        self.store.take(SharedSession.key(of: token), endpoint: endpoint, for: self.node) { result in
            loop.execute {
                if let timer = question.value.timer { loop.cancel(timer) }
                guard question.value.isOpen, case .success(let taken?) = result else {
                    return question.value.answer(nil, nil)
                }
                let session = SharedSession(
                    token,
                    taken.record,
                    owner: taken.owner,
                    restorable: taken.record.channels,
                    in: self.store
                )
                self.sessions.withLock { $0[session.key] = Entry(session: session) }
                question.value.answer(session, taken.record)
            }
        }
    }

    /// A question that is answered once.
    private final class Question {
        private var then: ((SharedSession?, SessionRecord?) -> Void)?
        var timer: TimerID?
        var isOpen: Bool { self.then != nil }

        init(_ then: @escaping (SharedSession?, SessionRecord?) -> Void) { self.then = then }

        func answer(_ session: SharedSession?, _ record: SessionRecord?) {
            let then = self.then
            self.then = nil
            then?(session, record)
        }
    }

    /// A session is not this node's any more.
    func forget(_ session: SharedSession) {
        self.sessions.withLock { sessions in
            if sessions[session.key]?.session === session { sessions[session.key] = nil }
        }
    }
}
