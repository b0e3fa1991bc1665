internal import CPondSys

/// What a file descriptor is ready for, or what is wanted of it.
package struct PollEvents: OptionSet {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let readable = PollEvents(rawValue: EPOLLIN.rawValue)
    package static let writable = PollEvents(rawValue: EPOLLOUT.rawValue)
    /// Both directions are over; reported whether asked for or not.
    package static let hungUp = PollEvents(rawValue: EPOLLHUP.rawValue)
    /// An error waits to be read; reported whether asked for or not.
    package static let failed = PollEvents(rawValue: EPOLLERR.rawValue)
    /// Several loops wait for one descriptor, and one of them is to be woken.
    package static let exclusive = PollEvents(rawValue: EPOLLEXCLUSIVE.rawValue)
}
