package import PondRuntime

/// How a byte channel came to its end.
package enum ByteChannelEnd: Error, Sendable, Hashable {
    /// Everything was written and the peer has closed too.
    case closed
    /// This side cut it.
    case aborted
    /// The peer did not close in time.
    case timedOut
    /// The connection broke.
    case failed(SystemError)
    /// The TLS handshake or a record was refused.
    case insecure(String)
    /// The loop was stopped.
    case loopStopped
}

extension ByteChannelEnd: CustomStringConvertible {
    package var description: String {
        switch self {
        case .closed: "closed"
        case .aborted: "aborted"
        case .timedOut: "timed out"
        case .failed(let error): error.description
        case .insecure(let why): "TLS: \(why)"
        case .loopStopped: "the event loop was stopped"
        }
    }
}
