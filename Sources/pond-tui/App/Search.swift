/// Finding messages by their text.
enum Search {
    /// The keys of the messages that contain a text or whose author is named so, newest first.
    static func matches(_ query: String, in room: Room) -> [Int] {
        let wanted = query.lowercased()
        guard !wanted.isEmpty else { return [] }
        return room.timeline.items.reversed().compactMap { item in
            guard let message = item.message else { return nil }
            let found = message.text.lowercased().contains(wanted) || message.author.lowercased() == wanted
            return found ? item.key : nil
        }
    }
}
