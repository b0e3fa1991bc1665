internal import PondChat

extension SessionEvent.ReadMark {
    /// A mark as the server tells it.
    init(_ state: ReadState) {
        self.init(upTo: state.upTo?.text, unread: max(0, state.unread), mentions: max(0, state.mentions))
    }
}
