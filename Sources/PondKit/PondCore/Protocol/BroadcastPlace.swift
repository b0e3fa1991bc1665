/// Where a broadcast stands in its channel's history.
package enum BroadcastPlace: Sendable, Hashable {
    /// No place: only the present members receive it.
    case none
    /// It will have a number, which its store could not give yet.
    case early
    /// At this number.
    case numbered(StreamPosition)

    var position: StreamPosition? {
        if case .numbered(let position) = self { position } else { nil }
    }
}
