/// Names one stay of a remote user in a channel; a number is never given twice.
struct RemoteOwner: Sendable, Hashable {
    let number: UInt64
}
