import PondCore

/// The presences of a channel: one entry per key, in the order of tracking, each with one or more owners.
///
/// Pure. An owner is a member; several connections of one person share an entry by sharing its key.
struct PresenceState {
    typealias Owner = UInt64

    /// What a call changed for the members that track presence.
    enum Change {
        /// Nothing that anyone sees.
        case none
        case join(Entry)
        case update(Entry)
        /// The entry as it was last.
        case leave(Entry)
    }

    /// One present person.
    struct Entry {
        let key: String
        var value: JSONObject
        /// The value as JSON text, encoded once.
        var text: [UInt8]
        var owners: Set<Owner>
    }

    /// Entries in the order of tracking; `nil` where one left.
    private var slots: [Entry?] = []
    private var places: [String: Int] = [:]
    private var keys: [Owner: String] = [:]
    /// The bytes of the list of all entries with their keys.
    private(set) var listBytes = 0

    /// The number of entries.
    var count: Int { self.places.count }

    /// Entries in the order of tracking.
    var entries: some Sequence<Entry> { self.slots.lazy.compactMap { $0 } }

    /// The entry that an owner holds up.
    func entry(of owner: Owner) -> Entry? {
        guard let key = self.keys[owner], let place = self.places[key] else { return nil }
        return self.slots[place]
    }

    /// The bytes of the list of all entries with their keys, if the entry of a key had this text.
    func listBytes(with text: [UInt8], under key: String) -> Int {
        let before = self.places[key].flatMap { self.slots[$0] }
        return self.listBytes + Self.bytes(of: text, under: key) - (before.map { Self.bytes(of: $0) } ?? 0)
    }

    private static func bytes(of entry: Entry) -> Int { self.bytes(of: entry.text, under: entry.key) }

    private static func bytes(of text: [UInt8], under key: String) -> Int {
        let quoted = JSONPlainText.count(of: key) ?? 6 * key.utf8.count + 2
        return #"{"id":,"presence":},"#.utf8.count + quoted + text.count
    }

    /// Tracks an owner under a key; `nil` when it is tracked already.
    mutating func track(_ owner: Owner, key: String, value: JSONObject, text: [UInt8]) -> Change? {
        guard self.keys[owner] == nil else { return nil }
        self.keys[owner] = key
        guard let place = self.places[key], var entry = self.slots[place] else {
            let entry = Entry(key: key, value: value, text: text, owners: [owner])
            self.places[key] = self.slots.count
            self.slots.append(entry)
            self.listBytes += Self.bytes(of: entry)
            return .join(entry)
        }
        entry.owners.insert(owner)
        let same = entry.text == text
        self.listBytes += text.count - entry.text.count
        entry.value = value
        entry.text = text
        self.slots[place] = entry
        return same ? Change.none : .update(entry)
    }

    /// Gives the entry of an owner a new value; `nil` when it is not tracked.
    mutating func update(_ owner: Owner, value: JSONObject, text: [UInt8]) -> Change? {
        guard let key = self.keys[owner], let place = self.places[key], var entry = self.slots[place] else {
            return nil
        }
        self.listBytes += text.count - entry.text.count
        entry.value = value
        entry.text = text
        self.slots[place] = entry
        return .update(entry)
    }

    /// Ends the tracking of an owner; `nil` when it is not tracked.
    mutating func untrack(_ owner: Owner) -> Change? {
        guard let key = self.keys.removeValue(forKey: owner), let place = self.places[key],
            var entry = self.slots[place]
        else { return nil }
        entry.owners.remove(owner)
        guard entry.owners.isEmpty else {
            self.slots[place] = entry
            return Change.none
        }
        self.slots[place] = nil
        self.places[key] = nil
        self.listBytes -= Self.bytes(of: entry)
        if self.slots.count > 16, self.slots.count > self.places.count * 2 { self.compact() }
        return .leave(entry)
    }

    private mutating func compact() {
        self.slots = self.slots.filter { $0 != nil }
        for (place, entry) in self.slots.enumerated() {
            if let entry { self.places[entry.key] = place }
        }
    }

    /// Appends every value as a JSON array.
    func writeList(into bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "["))
        var first = true
        for entry in self.entries {
            if !first { bytes.append(UInt8(ascii: ",")) }
            first = false
            bytes.append(contentsOf: entry.text)
        }
        bytes.append(UInt8(ascii: "]"))
    }
}

extension PresenceState {
    /// Gives effect to what another node says of one stay of a user there.
    mutating func apply(_ change: PresenceChange) -> Change {
        let owner = Self.owner(of: change.owner)
        guard let presence = change.presence else { return self.untrack(owner) ?? .none }
        let value = presence.json.object ?? [:]
        if let entry = self.entry(of: owner) {
            // Said again, as by a node to which someone moved.
            if entry.text == presence.bytes { return .none }
            return self.update(owner, value: value, text: presence.bytes) ?? .none
        }
        return self.track(owner, key: change.key, value: value, text: presence.bytes) ?? .none
    }

    /// Remote owners count from the upper half of the numbers; members of this node from the lower.
    static func owner(of remote: RemoteOwner) -> Owner { remote.number | 1 << 63 }
}
