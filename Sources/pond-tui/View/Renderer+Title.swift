extension Renderer {
    /// What the terminal's title says: mentions and unread messages elsewhere, the room, and a state that is not well.
    static func title(_ model: Model) -> String {
        let counted = model.rooms.filter { !$0.isMuted }
        let mentions = counted.reduce(0) { $0 + $1.mentions }
        let unread = counted.reduce(0) { $0 + $1.unread }
        var words: [String] = []
        if mentions > 0 { words.append("(@\(mentions))") } else if unread > 0 { words.append("(\(min(unread, 99)))") }
        words.append(model.current?.title ?? "pond")
        if model.connection.state != .connected {
            words.append(model.connection.state.rawValue)
        } else if let state = model.current?.state, state != .joined {
            words.append(state.rawValue)
        }
        return TextSanitiser.plain(words.joined(separator: " "))
    }
}
