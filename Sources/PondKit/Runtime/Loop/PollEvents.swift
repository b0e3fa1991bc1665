internal import CPondSys

/// What a file descriptor is ready for, or what is wanted of it.
struct PollEvents: OptionSet {
    let rawValue: UInt32

    static let readable = PollEvents(rawValue: EPOLLIN.rawValue)
    static let writable = PollEvents(rawValue: EPOLLOUT.rawValue)
    /// Both directions are over; reported whether asked for or not.
    static let hungUp = PollEvents(rawValue: EPOLLHUP.rawValue)
    /// An error waits to be read; reported whether asked for or not.
    static let failed = PollEvents(rawValue: EPOLLERR.rawValue)
    /// Several loops wait for one descriptor, and one of them is to be woken.
    static let exclusive = PollEvents(rawValue: EPOLLEXCLUSIVE.rawValue)
}
