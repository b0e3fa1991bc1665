/// How a loop writes what its connections queued in a turn.
public enum SendingMethod: Sendable, Hashable {
    /// One system call for each connection.
    case plain
    /// All connections in one system call by io_uring; plainly where the kernel or a sandbox forbids it.
    case batched
}
