/// A message that is chosen with the keys.
struct Selection: Hashable, Sendable {
    /// The entry of the room's timeline.
    var key: Int
    /// Whether the key that removes it was pressed once: the second press does it.
    var isRemovalAsked = false
}

extension Model {
    /// The keys of the messages that can be chosen in a room, oldest first: those that are shown.
    func selectableKeys(in room: Room) -> [Int] {
        room.timeline.items.filter { item in
            item.message.map { !self.settings.ignores($0.author) } ?? false
        }.map(\.key)
    }

    /// The message that is chosen, with its entry.
    var selectedItem: TimelineItem? {
        guard case .selection(let selection) = self.overlay, let room = self.current,
            let index = room.timeline.index(ofKey: selection.key)
        else { return nil }
        return room.timeline.items[index]
    }
}
