extension Model {
    /// Where everything goes on a screen of this size with what is now open.
    func layout(_ size: Size) -> ScreenLayout {
        ScreenLayout(
            size,
            promptRows: PromptLayout.rows(self, columns: size.columns),
            showsRooms: self.showsRooms,
            showsPeople: self.showsPeople,
            showsStateLog: self.showsStateLog,
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
}
