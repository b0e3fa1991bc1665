import PondCore

/// A channel's history at its home, from the first join that needs it until the channel is gone.
struct HistorySlot {
    /// Joins under way and the live channel: with none of them the history is let go.
    var users = 0
    var state = State.opening([])

    enum State {
        /// The store was asked; these wait for its answer. Can become open, or is let go.
        case opening([(Result<ChannelHistory, PondError>) -> Void])
        /// Ready; is let go with its last user.
        case open(ChannelHistory)
    }
}
