extension Model {
    /// Where everything goes on a screen of this size with what is now open.
    func layout(_ size: Size) -> ScreenLayout {
        ScreenLayout(
            size,
            promptRows: PromptLayout.rows(self, columns: size.columns),
            showsRooms: self.showsRooms,
            showsPeople: self.showsPeople,
            showsMachines: self.machines.isOpen,
            hasTopic: self.current?.topic.isEmpty == false
        )
    }

    /// How the rows of the room shown are made at this size.
    func timelineLayout(_ room: Room, _ layout: ScreenLayout) -> TimelineLayout {
        let inset = layout.kind == .minimal ? 0 : 1
        let style: TimelineLayout.Form =
            switch layout.kind {
            case .three: .wide
            case .stacked, .narrow: .medium
            case .minimal, .tooSmall: .brief
            }
        return TimelineLayout(model: self, room: room, columns: layout.timeline.columns - inset, style: style)
    }

    /// When the screen changes by itself the next time; `nil` while nothing does.
    var nextTick: WallTime? {
        var times: [WallTime] = []
        let nextSecond = WallTime(milliseconds: (self.now.milliseconds / 1_000 + 1) * 1_000)
        if self.connection.state != .connected, self.connection.isWanted {
            // A countdown, or the seconds since the server was heard.
            times.append(nextSecond)
        }
        // The seconds without an answer, and what is said beside the messages on their way.
        if let since = self.unansweredSince { times.append(max(nextSecond, since + OutboxEntry.unmentionedFor)) }
        for entry in self.outbox.entries {
            if case .sending(let since) = entry.state, self.now - since < OutboxEntry.unconfirmedAfter + 1_000 {
                times.append(nextSecond)
                break
            }
        }
        for room in self.rooms where room.state != .joined {
            for entry in self.outbox.entries(of: room.name) {
                guard case .sending = entry.state else { continue }
                times.append(max(entry.wanted + OutboxEntry.askedAfter + 1, nextSecond))
            }
        }
        if let release = self.outbox.nextRelease { times.append(max(release, nextSecond)) }
        for room in self.rooms {
            times.append(contentsOf: room.typing.values)
            if self.connection.state == .connected, room.state == .joined {
                if let retry = room.historyRetryAt { times.append(retry) }
                if let due = room.readDueAt { times.append(due) }
            }
        }
        if let interrupted = self.interruptedAt { times.append(interrupted + 2_000) }
        if let due = self.roomListDue { times.append(due) }
        if let tick = self.nextMachineTick { times.append(tick) }
        if ScreenLayout.showsClock(self.size) {
            times.append(WallTime(milliseconds: (self.now.milliseconds / 60_000 + 1) * 60_000))
        }
        return times.min()
    }
}
