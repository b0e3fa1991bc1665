/// The pane of the state machines, and the faults that show them at work.
extension Update {
    /// Opens the pane with the keys in it; from the input line it takes them again; else it closes.
    mutating func toggleMachines() {
        self.model.machines.isOpen = true
        guard !self.model.layout(self.model.size).machines.isEmpty else {
            // A screen without room for it tells the same in words.
            self.model.machines.isOpen = false
            return self.showState(verbose: true)
        }
        self.model.machines.logOffset = 0
        self.model.overlay = .machines
    }

    mutating func closeMachines() {
        self.model.machines.isOpen = false
        self.model.machines.room = nil
        if self.model.overlay == .machines { self.model.overlay = nil }
    }

    mutating func pressInMachines(_ key: Key, _ isCancel: Bool) {
        self.model.hint = nil
        if isCancel || self.model.keyMap.match([key]) == .action(.stateLog) { return self.closeMachines() }
        switch key.code {
        case .tab, .enter: self.model.overlay = nil
        case .up: self.scrollMachineLog(by: -1)
        case .down: self.scrollMachineLog(by: 1)
        case .pageUp: self.scrollMachineLog(by: -8)
        case .pageDown: self.scrollMachineLog(by: 8)
        case .left: self.changeMachineRoom(by: -1)
        case .right: self.changeMachineRoom(by: 1)
        case .character("k") where key.modifiers.isEmpty: self.scrollMachineLog(by: -1)
        case .character("j") where key.modifiers.isEmpty: self.scrollMachineLog(by: 1)
        case .character("c") where key.modifiers.isEmpty: self.fault("cut")
        case .character("z") where key.modifiers.isEmpty: self.fault("freeze")
        case .character("h") where key.modifiers.isEmpty: self.fault("heal")
        case .character("r") where key.modifiers.isEmpty: self.reconnect()
        case .character("p") where key.modifiers.isEmpty: self.request(.ping)
        default:
            // Keys that go to rooms, help and the like keep their meaning; letters are not typed unseen.
            if case .action(let action) = self.model.keyMap.match([key]), Self.passesMachines(action) {
                self.model.overlay = nil
                self.perform(action)
                if self.model.overlay == nil, self.model.machines.isOpen { self.model.overlay = .machines }
            }
        }
    }

    private static func passesMachines(_ action: Action) -> Bool {
        switch action {
        case .roomNext, .roomPrevious, .roomImportant, .roomBack, .reconnect, .repaint, .suspend, .help, .rooms,
            .people:
            true
        default: false
        }
    }

    /// Negative scrolls to older changes.
    mutating func scrollMachineLog(by rows: Int) {
        let last = max(0, self.model.stateLog.count - 1)
        self.model.machines.logOffset = max(0, min(self.model.machines.logOffset - rows, last))
    }

    private mutating func changeMachineRoom(by step: Int) {
        guard let room = self.model.machineRoom, let index = self.model.index(of: room.name) else { return }
        let count = self.model.rooms.count
        self.model.machines.room = self.model.rooms[(index + step + count) % count].name
    }

    /// `/fault cut|freeze|heal`
    mutating func fault(_ word: String) {
        guard word == "heal" || LinkFault(rawValue: word) != nil else {
            self.model.hint = "usage: /fault cut|freeze|heal"
            return
        }
        guard !self.model.isLocal else {
            self.model.hint = "there is no connection to break here"
            return
        }
        let fault = LinkFault(rawValue: word)
        self.model.machines.fault = fault
        self.request(.fault(fault))
        let key = self.model.overlay == .machines ? "h heals it" : "/fault heal heals it"
        switch fault {
        case .cut:
            self.remember(nil, "CUT", "on purpose")
            self.model.hint = "the connection is cut on purpose; \(key)"
        case .frozen:
            self.remember(nil, "FROZEN", "on purpose: nothing passes")
            // Something must be due before anybody can notice that nothing comes.
            self.request(.ping)
            self.model.hint = "the connection is frozen on purpose: nothing passes; \(key)"
        case nil:
            self.remember(nil, "HEALED", "")
            self.model.hint =
                self.model.connection.state == .connected
                ? "the connection is healed" : "healed; the next try succeeds, F5 tries now"
        }
    }
}
