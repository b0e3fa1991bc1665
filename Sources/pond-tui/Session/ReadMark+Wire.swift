internal import PondChat

extension SessionEvent.ReadMark {
    /// A mark as the server tells it.
    init(_ state: ReadState) {
        self.init(
            upTo: state.upTo?.text,
            unread: PeerNumber.count(state.unread),
            mentions: PeerNumber.count(state.mentions)
        )
    }
}
