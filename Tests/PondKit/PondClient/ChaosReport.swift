/// What became of the messages of one run.
struct ChaosReport: CustomStringConvertible {
    var seed: UInt64 = 0
    var sent = 0
    var applied = 0
    var heard = 0
    /// Sent and never applied, or applied and not heard by a member.
    var lost = 0
    /// Applied or heard more than once.
    var doubled = 0
    /// Applied out of a sender's order, or heard in another order than applied.
    var reordered = 0
    /// Members that the server saw leaving or coming again.
    var flaps = 0
    /// Clients without a session that were there when their sockets had ended.
    var ghosts = 0
    var reconnects = 0
    var crashes = 0
    var resyncs = 0
    var refused = 0
    var faults: [String] = []

    /// Compares what the server applied with what was sent.
    mutating func countApplied(_ marks: [ChaosWorld.Mark], senders: [Int], each count: Int) {
        self.applied += marks.count
        let distinct = Set(marks)
        self.doubled += marks.count - distinct.count
        for sender in senders {
            let numbers = marks.lazy.filter { $0.sender == sender }.map(\.number)
            self.lost += Set(0..<count).subtracting(numbers).count
            self.reordered += zip(numbers, numbers.dropFirst()).count { $0 >= $1 }
        }
    }

    /// Compares what a member heard with what the server applied.
    mutating func countHeard(_ marks: [ChaosWorld.Mark], applied: [ChaosWorld.Mark]) {
        self.heard += marks.count
        let distinct = Set(marks)
        self.doubled += marks.count - distinct.count
        self.lost += Set(applied).subtracting(distinct).count
        let places = Dictionary(applied.enumerated().map { ($1, $0) }) { first, _ in first }
        let order = marks.compactMap { places[$0] }
        self.reordered += zip(order, order.dropFirst()).count { $0 > $1 }
    }

    var description: String {
        """
        chaos: seed \(self.seed) sent \(self.sent) applied \(self.applied) heard \(self.heard) \
        lost \(self.lost) doubled \(self.doubled) reordered \(self.reordered) flaps \(self.flaps) \
        ghosts \(self.ghosts) \
        reconnects \(self.reconnects) crashes \(self.crashes) resyncs \(self.resyncs) refused \(self.refused) faults \(self.faults)
        """
    }
}
