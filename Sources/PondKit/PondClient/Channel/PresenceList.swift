public import PondCore

/// Who is present in a channel, kept from full lists or from changes, whichever the server sends.
public struct PresenceList: Sendable, Hashable {
    /// One presence.
    public struct Entry: Sendable, Hashable {
        /// Whose it is; `nil` from servers that send full lists without ids.
        public var id: String?
        /// What was tracked.
        public var presence: JSON
    }

    /// What one frame changed.
    public struct Change: Sendable, Hashable {
        /// Presences that were not there before.
        public var joined: [Entry] = []
        /// Presences that are not there any more, with their last value.
        public var left: [Entry] = []
        /// Presences with a new value.
        public var updated: [Entry] = []
    }

    /// The presences in the order of their coming.
    public private(set) var entries: [Entry] = []
    private let bound: Int
    private var hasState = false

    /// An empty list that never grows past `bound`.
    public init(bound: Int = Limits.default.membersPerChannel) { self.bound = bound }

    /// A presence frame came. Returns what it changed, or `nil` when it makes no sense.
    public mutating func received(_ event: PresenceEvent, payload: JSON) -> Change? {
        if event == .state { return self.replace(with: payload["presence"] ?? payload) }
        guard let changed = payload["changed"] else { return nil }
        var entry = Entry(id: payload["id"]?.string, presence: changed)
        if let list = payload["presence"]?.array {
            if event == .update, let new = self.updated(in: list, changed: changed) { entry.presence = new }
            self.entries = list.prefix(self.bound).map { Entry(id: nil, presence: $0) }
        } else {
            guard let id = entry.id else { return nil }
            let index = self.entries.firstIndex { $0.id == id }
            switch (event, index) {
            case (.leave, .some(let index)): self.entries.remove(at: index)
            case (.leave, nil): return nil
            case (_, .some(let index)): self.entries[index] = entry
            case (_, nil):
                guard self.entries.count < self.bound else { return nil }
                self.entries.append(entry)
            }
        }
        switch event {
        case .join: return Change(joined: [entry])
        case .leave: return Change(left: [entry])
        case .update, .state: return Change(updated: [entry])
        }
    }

    /// The new value of the presence that an UPDATE with a full list is about.
    ///
    /// A JavaScript server puts the old value into `changed`: the new one is where the lists differ.
    private func updated(in list: [JSON], changed: JSON) -> JSON? {
        let old = self.entries.map(\.presence)
        if old.count == list.count {
            let different = list.indices.filter { old[$0] != list[$0] }
            if different.count == 1 { return list[different[0]] }
        }
        if list.contains(changed) { return changed }
        let new = list.filter { !old.contains($0) }
        return new.count == 1 ? new[0] : nil
    }

    /// Takes a whole list; after the first one the difference says who came and went meanwhile.
    private mutating func replace(with list: JSON) -> Change? {
        guard let list = list.array else { return nil }
        let old = self.entries
        self.entries = list.prefix(self.bound).compactMap { element in
            guard let presence = element["presence"] else { return nil }
            return Entry(id: element["id"]?.string, presence: presence)
        }
        defer { self.hasState = true }
        guard self.hasState else { return Change() }
        let before = Dictionary(old.map { ($0.id, $0) }) { first, _ in first }
        let after = Dictionary(self.entries.map { ($0.id, $0) }) { first, _ in first }
        return Change(
            joined: self.entries.filter { before[$0.id] == nil },
            left: old.filter { after[$0.id] == nil },
            updated: self.entries.filter { entry in before[entry.id].map { $0 != entry } ?? false }
        )
    }
}
