/// What is read and what is not, here and on the user's other devices; pages of the past that do not come.
extension Update {
    /// A page did not come: what the room needs is asked for again, what the user scrolled for is told.
    mutating func historyFailed(_ name: String, _ reason: String, _ retryAfter: Int64?) {
        guard let index = self.model.index(of: name) else { return }
        let room = self.model.rooms[index]
        let isNeeded = !room.hasHistory || room.resyncUntil != nil
        // From the newest page on again: where the last one ended may have been forgotten.
        self.model.rooms[index].history = isNeeded ? .unknown : .more
        guard isNeeded else {
            self.model.hint = "older messages did not come: \(reason)"
            return
        }
        self.model.rooms[index].historyFailures += 1
        let wait = Int64(1_000) << min(5, room.historyFailures)
        self.model.rooms[index].historyRetryAt = self.model.now + max(wait, retryAfter ?? 0)
        if room.historyFailures == 2 {
            self.note("what was said before does not come (\(reason)); asking on", in: name)
        }
    }

    /// The server says how far the user has read a room: when it is entered, and after reading on another device.
    mutating func read(_ mark: SessionEvent.ReadMark, in name: String) {
        guard let index = self.model.index(of: name), let upTo = mark.upTo else { return }
        self.model.rooms[index].toldReadID = upTo
        let room = self.model.rooms[index]
        guard room.hasHistory else {
            // Before the first page: whichever mark is later is found when it is here.
            self.model.rooms[index].serverReadID = upTo
            let isShown = name == self.model.currentName && self.model.isFocused
            if !isShown {
                self.model.rooms[index].unread = max(room.unread, mark.unread)
                self.model.rooms[index].mentions = max(room.mentions, mark.mentions)
            }
            return
        }
        guard let place = room.timeline.index(ofMessage: upTo) else { return }
        let own = room.lastReadID.flatMap { room.timeline.index(ofMessage: $0) } ?? -1
        guard place > own else { return }
        self.model.rooms[index].lastReadID = upTo
        self.model.rooms[index].readDueAt = nil
        let newer = self.unread(after: place, in: room)
        self.model.rooms[index].unread = newer.count
        self.model.rooms[index].mentions = newer.count { self.model.concernsUser($0, in: room) }
        self.model.rooms[index].marker = newer.isEmpty ? nil : room.timeline.items[place].key
    }

    /// After a start: what came since the last message read, here or elsewhere, is unread.
    mutating func restoreMarker(_ index: Int) {
        let room = self.model.rooms[index]
        let places = [room.lastReadID, room.serverReadID].compactMap { id in
            id.flatMap { room.timeline.index(ofMessage: $0) }
        }
        guard let place = places.max() else {
            // So much is new that the last message read is not on this page.
            if room.unread > 0, let first = room.timeline.items.first { self.model.rooms[index].marker = first.key }
            self.discountIgnored(index)
            return
        }
        let isShown = room.name == self.model.currentName && self.model.isFocused
        let newer = self.unread(after: place, in: room)
        self.model.rooms[index].unread = isShown ? 0 : newer.count
        self.model.rooms[index].mentions = isShown ? 0 : newer.count { self.model.concernsUser($0, in: room) }
        if !newer.isEmpty { self.model.rooms[index].marker = room.timeline.items[place].key }
    }

    /// The server counts the messages of all; those of ignored people count nowhere.
    private mutating func discountIgnored(_ index: Int) {
        let room = self.model.rooms[index]
        let ignored = room.timeline.items.compactMap(\.message).filter { self.model.settings.ignores($0.author) }
        self.model.rooms[index].unread = max(0, room.unread - ignored.count)
        let mentions = ignored.count { self.model.concernsUser($0, in: room) }
        self.model.rooms[index].mentions = max(0, room.mentions - mentions)
    }

    /// Counts anew what is unread, after somebody is ignored or not any more.
    mutating func recountUnread() {
        for index in self.model.rooms.indices where self.model.rooms[index].unread > 0 {
            let room = self.model.rooms[index]
            // A marker without an entry stands before the first one.
            guard let marker = room.marker else { continue }
            let place = room.timeline.index(ofKey: marker) ?? -1
            let newer = self.unread(after: place, in: room)
            self.model.rooms[index].unread = newer.count
            self.model.rooms[index].mentions = newer.count { self.model.concernsUser($0, in: room) }
        }
    }

    private func unread(after place: Int, in room: Room) -> [ChatMessage] {
        room.timeline.items[(place + 1)...].compactMap(\.message).filter {
            $0.author != self.model.nick && $0.kind != .notice && !self.model.settings.ignores($0.author)
        }
    }
}
