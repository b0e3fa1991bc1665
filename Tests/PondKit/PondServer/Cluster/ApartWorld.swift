import PondTesting

@testable import PondClient
@testable import PondCore
@testable import PondServer

/// One node with an `ApartLine`, a store that comes and goes, another node that appends to it, and members who come,
/// lose their sockets and come back; what each of them sees is compared with what was said.
struct ApartWorld {
    struct Member {
        let name: Int
        /// What it has seen, in its order: by its own memory nothing twice.
        var seen: [String] = []
        var cursor = Cursor()
        var isHere = true
        /// Where the numbering stood when it came first, and what waited then without a number is its to see, too.
        var since: UInt64
    }

    private var random: SeededRandom
    private var now = MonotonicTime.zero
    private(set) var line = ApartLine(.show(after: .seconds(1)), limit: 50)
    private(set) var faults: [String] = []
    private var members: [Member] = []

    /// The store, and whether it answers.
    private var stored: [StoredBroadcast] = []
    private var ids: [String: UInt64] = [:]
    private var isAway = false
    /// Appends of this node on their way there, in order; and what the other node says.
    private var queue: [(ticket: UInt64, shared: SharedBroadcast)] = []
    /// The last number that went out here.
    private var out: UInt64 = 0
    private var said: [String: Int] = [:]
    private var failed: Set<String> = []
    private var counts = [0, 0, 0, 0]

    init(seed: UInt64) {
        self.random = SeededRandom(seed: seed)
        self.join()
    }

    mutating func step() {
        switch Int.random(in: 0..<20, using: &self.random) {
        case 0: self.isAway.toggle()
        case 1..<8: self.say()
        case 8..<10: self.sayElsewhere()
        case 10: self.sayAgainElsewhere()
        case 11: self.join()
        case 12: self.lose()
        case 13: self.comeBack()
        case 14..<16: self.pass(.milliseconds(Int.random(in: 1...900, using: &self.random)))
        default: self.store()
        }
    }

    mutating func settle() {
        self.isAway = false
        while !self.queue.isEmpty { self.store() }
        for index in self.members.indices where !self.members[index].isHere { self.rejoin(index) }
        for member in self.members { self.check(member) }
    }

    // What happens

    /// One of three senders says something here.
    private mutating func say() {
        let sender = Int.random(in: 0..<3, using: &self.random)
        self.counts[sender] += 1
        let name = "\(sender):\(self.counts[sender])"
        let broadcast = StoredBroadcast(offset: 0, event: name, requestId: name, recipients: .all, payload: .empty)
        let shared = SharedBroadcast(id: name, broadcast: broadcast)
        let ticket = self.line.next
        switch self.line.appended(shared, now: self.now) {
        case .refuse: self.failed.insert(name)
        case .wait: self.queue.append((ticket, shared))
        case .show:
            self.queue.append((ticket, shared))
            self.show(broadcast)
        }
    }

    private mutating func sayElsewhere() {
        self.counts[3] += 1
        let name = "3:\(self.counts[3])"
        let broadcast = StoredBroadcast(offset: 0, event: name, requestId: name, recipients: .all, payload: .empty)
        self.add(SharedBroadcast(id: name, broadcast: broadcast))
        if !self.isAway { self.read() }
    }

    /// A sender gave this node up and says on another one what it had no DELIVERED for: all of it, in its order.
    private mutating func sayAgainElsewhere() {
        guard let sender = self.queue.randomElement(using: &self.random)?.shared.id.first else { return }
        for (_, shared) in self.queue where shared.id.first == sender { self.add(shared) }
        if !self.isAway, Bool.random(using: &self.random) { self.read() }
    }

    private mutating func pass(_ time: Duration) {
        self.now = self.now + time
        for shared in self.line.timeReached(now: self.now) { self.show(shared.broadcast) }
    }

    @discardableResult
    private mutating func add(_ shared: SharedBroadcast) -> UInt64 {
        if let offset = self.ids[shared.id] { return offset }
        var broadcast = shared.broadcast
        broadcast.offset = UInt64(self.stored.count + 1)
        self.stored.append(broadcast)
        self.ids[shared.id] = broadcast.offset
        return broadcast.offset
    }

    /// The store takes the next append of this node and answers.
    private mutating func store() {
        guard !self.isAway, !self.queue.isEmpty else { return }
        let (ticket, shared) = self.queue.removeFirst()
        let offset = self.add(shared)
        self.line.stored(ticket, at: offset, out: self.out, now: self.now)
        self.read()
    }

    /// What the store has and has not gone out here goes out.
    private mutating func read() {
        while self.out < self.stored.count {
            let broadcast = self.stored[Int(self.out)]
            self.out += 1
            if self.line.goesOut(broadcast, now: self.now) { continue }
            for index in self.members.indices where self.members[index].isHere { self.see(broadcast, index) }
        }
    }

    private mutating func show(_ broadcast: StoredBroadcast) {
        for index in self.members.indices where self.members[index].isHere { self.see(broadcast, index) }
    }

    private mutating func see(_ broadcast: StoredBroadcast, _ index: Int) {
        let offset = broadcast.offset == 0 ? nil : broadcast.offset
        guard self.members[index].cursor.received(offset: offset, requestId: broadcast.requestId) else { return }
        self.members[index].seen.append(broadcast.event)
    }

    // Members

    private var position: StreamPosition { StreamPosition(epoch: "e", offset: self.out) }

    private mutating func join() {
        guard self.members.count < 8 else { return }
        self.members.append(Member(name: self.members.count, since: self.out))
        let index = self.members.count - 1
        _ = self.members[index].cursor.joining()
        _ = self.members[index].cursor.joined(JoinAnswer(position: self.position))
        for shared in self.line.shown() { self.see(shared.broadcast, index) }
    }

    private mutating func lose() {
        guard let index = self.members.indices.randomElement(using: &self.random) else { return }
        self.members[index].isHere = false
    }

    private mutating func comeBack() {
        guard let index = self.members.indices.first(where: { !self.members[$0].isHere }) else { return }
        self.rejoin(index)
    }

    private mutating func rejoin(_ index: Int) {
        self.members[index].isHere = true
        guard let from = self.members[index].cursor.joining() else { return }
        let missed = self.stored[Int(from.offset)..<Int(self.out)]
        let answer = JoinAnswer(position: self.position, recovered: true, replayed: missed.count)
        _ = self.members[index].cursor.joined(answer)
        for broadcast in missed { self.see(broadcast, index) }
        for shared in self.line.shown() { self.see(shared.broadcast, index) }
    }

    private mutating func check(_ member: Member) {
        let all = Set(self.stored.dropFirst(Int(member.since)).map(\.event))
        if Set(member.seen).count != member.seen.count { self.faults.append("member \(member.name) saw one twice") }
        let missing = all.subtracting(member.seen)
        if !missing.isEmpty { self.faults.append("member \(member.name) missed \(missing.sorted().prefix(3))") }
        if !self.failed.isDisjoint(with: member.seen) { self.faults.append("member \(member.name) saw what failed") }
        for sender in 0..<4 {
            let numbers = member.seen.compactMap { event -> Int? in
                let parts = event.split(separator: ":")
                return parts[0] == "\(sender)" ? Int(parts[1]) : nil
            }
            if numbers != numbers.sorted() { self.faults.append("member \(member.name) saw \(sender) out of order") }
        }
    }
}
