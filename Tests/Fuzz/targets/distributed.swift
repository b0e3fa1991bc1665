// sources: Sources/PondKit/PondServer/Cluster/{Messages,Machines}/*.swift Sources/PondKit/PondServer/History/Shared/StreamPosition+Shared.swift
@testable import PondCore

/// What is accepted survives being written and read again, and leaves a channel's view of the cluster bounded.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    var limits = ClusterLimits.default
    limits.messageBytes = 4_000
    limits.jsonMembers = 100
    limits.remoteUsers = 8
    limits.departures = 4
    var machine = ClusterMachine(nodeId: "me", limits: limits)
    _ = machine.subscribed(now: .zero)
    var now = MonotonicTime.zero
    let lines = UnsafeBufferPointer(start: data, count: count).split(separator: UInt8(ascii: "\n"))
    for line in lines {
        now = now + .milliseconds(100)
        guard let message = try? DistributedMessage(parsing: Array(line), limits: limits) else { continue }
        // What could not be read is counted, and is not written again.
        let again = try? DistributedMessage(parsing: message.encoded())
        precondition(again != nil, "a message that was read cannot be read again")
        precondition(message.badEntries > 0 || again == message, "a round trip changed the message")
        _ = machine.received(message, isLocal: { $0 == "local" }, newRequestId: { "r" }, now: now)
        _ = machine.timeReached(now: now, newRequestId: { "t" })
        precondition(machine.remoteUserCount <= limits.remoteUsers)
    }
    var question = 0
    let newRequestId = {
        question += 1
        return "d\(question)"
    }
    for node in Array(machine.remoteNodes) { _ = machine.nodeDied(node, newRequestId: newRequestId, now: now) }
    _ = machine.timeReached(now: now + .seconds(1), newRequestId: { "t" })
    _ = machine.timeReached(now: now + .seconds(2), newRequestId: { "t" })
    precondition(machine.remoteUserCount == 0, "a dead node's user stayed")
    _ = machine.timeReached(now: now + .seconds(60), newRequestId: { "t" })
    precondition(machine.nextDeadline == nil, "a deadline stayed")
    return 0
}
