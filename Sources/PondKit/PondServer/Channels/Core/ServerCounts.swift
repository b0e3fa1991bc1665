import PondCore

/// How many connections a server has, in total and of each address or IPv6 network; touched under a lock.
struct ServerCounts {
    private(set) var connections = 0
    private var byAddress: [String: Int] = [:]
    /// Callers that wait until the last connection has ended.
    var waiting: [@Sendable () -> Void] = []

    /// Counts a connection, or refuses it.
    mutating func add(_ address: String, limits: Limits) -> Bool {
        let address = AddressRange.limitKey(of: address)
        let ofAddress = self.byAddress[address, default: 0]
        guard self.connections < limits.connections, ofAddress < limits.connectionsPerAddress else { return false }
        self.connections += 1
        self.byAddress[address] = ofAddress + 1
        return true
    }

    mutating func remove(_ address: String) {
        let address = AddressRange.limitKey(of: address)
        guard let ofAddress = self.byAddress[address] else { return }
        self.connections -= 1
        self.byAddress[address] = ofAddress > 1 ? ofAddress - 1 : nil
    }

    /// Those to wake, when no connection is left.
    mutating func takeWaiting() -> [@Sendable () -> Void] {
        guard self.connections == 0 else { return [] }
        defer { self.waiting = [] }
        return self.waiting
    }
}
