import PondChat
import PondKit

/// What the chat knows from moment to moment; lost with the process.
struct ChatState: Sendable {
    var names: NameTable
    var rooms = RoomTable()
    var sanctions = SanctionTable()
    var addressBans = AddressBanTable()
    /// Who the connections are, by an id of this program's own.
    var sessions: [String: ChatSession] = [:]
    /// Addresses that were refused of late.
    var refused = AttemptTable(rate: 2, capacity: 40)
    /// Which refused connections and wrong passwords are logged: a flood of them must not be a flood of lines.
    var refusedLines = LogSampler()
    var wrongPasswordLines = LogSampler()
    var forwardedLines = LogSampler(limit: 1)
    var descriptors = DescriptorProbe()
    var memory = MemoryTrimmer()
    /// The last plausible time, while the clock shows one that is not.
    var clockJumpedFrom: ChatTime?
    /// Whether the directory will be told of changes soon.
    var directoryIsDue = false

    init(deviceLimit: Int) { self.names = NameTable(deviceLimit: deviceLimit) }
}
