/// What was said in a room, oldest first, each message once, own unconfirmed ones last.
struct Timeline: Hashable, Sendable {
    private(set) var items: [TimelineItem] = []
    private var known: Set<String> = []
    private var nextKey = 1
    private var nextLink = 1
    /// The bytes of all texts.
    private var textBytes = 0
    /// How many entries are kept; older ones come again from the server when scrolled to.
    static let capacity = 5_000
    /// How many bytes of text are kept.
    static let textCapacity = 8 << 20

    /// What became of a message that was put in.
    enum Insertion: Equatable, Sendable {
        case added(key: Int)
        /// It was here already: a repeat, or the echo of an own one.
        case known(key: Int?)
    }

    /// Takes in a message from the server or from the user.
    @discardableResult
    mutating func insert(_ message: ChatMessage) -> Insertion {
        if self.known.contains(message.id) {
            guard let index = self.index(ofMessage: message.id) else { return .known(key: nil) }
            let old = self.items[index]
            if old.isPending, !message.isPending {
                // The echo takes the place that the server gave it: after all that is confirmed.
                var item = old
                item.content = .message(message)
                self.items.remove(at: index)
                self.items.insert(item, at: self.firstPending)
            }
            return .known(key: old.key)
        }
        self.known.insert(message.id)
        self.textBytes += message.text.utf8.count
        var item = TimelineItem(key: self.nextKey, content: .message(message))
        self.nextKey += 1
        item.links = self.number(linksOf: message.text)
        if message.isPending {
            self.items.append(item)
        } else {
            self.items.insert(item, at: self.place(for: message.time))
        }
        self.trim()
        return .added(key: item.key)
    }

    /// Takes in what was kept of an earlier run, with a line that says so; not where anything was said in this run.
    mutating func restore(_ messages: [ChatMessage], note: String, at time: WallTime) {
        guard self.items.allSatisfy(\.isPending), !messages.isEmpty else { return }
        for message in messages where !message.isPending { self.insert(message) }
        self.append(.notice(text: note, time: time))
        for index in self.items.indices where !self.items[index].isPending { self.items[index].isOld = true }
    }

    /// The server tells what was said: what was kept of it goes, as it may have been changed or removed meanwhile.
    mutating func dropOld() {
        for item in self.items where item.isOld {
            guard let message = item.message else { continue }
            self.known.remove(message.id)
            self.textBytes -= message.text.utf8.count
        }
        self.items.removeAll(where: \.isOld)
    }

    /// Takes in a line that is no message.
    @discardableResult
    mutating func append(_ content: TimelineItem.Content) -> Int {
        let item = TimelineItem(key: self.nextKey, content: content)
        self.nextKey += 1
        self.items.insert(item, at: self.firstPending)
        self.trim()
        return item.key
    }

    /// Replaces a line that `append` made.
    mutating func replace(key: Int, with content: TimelineItem.Content) {
        guard let index = self.index(ofKey: key) else { return }
        self.items[index].content = content
    }

    /// Marks an own message as confirmed.
    mutating func confirm(_ id: String) {
        guard let index = self.index(ofMessage: id), var message = self.items[index].message, message.isPending else {
            return
        }
        message.isPending = false
        var item = self.items.remove(at: index)
        item.content = .message(message)
        self.items.insert(item, at: self.firstPending)
    }

    /// Changes the text of a message that is here; `false` when it is not, or is another's than `author`'s.
    mutating func edit(_ id: String, to text: String, by author: String?) -> Bool {
        guard let index = self.index(ofMessage: id), var message = self.items[index].message,
            author == nil || message.author == author
        else { return false }
        self.textBytes += text.utf8.count - message.text.utf8.count
        message.text = text
        message.isEdited = true
        self.items[index].content = .message(message)
        self.items[index].links = self.number(linksOf: text)
        return true
    }

    /// Changes the text of an own message that nobody else has seen.
    mutating func rewrite(pending id: String, to text: String) {
        guard let index = self.index(ofMessage: id), var message = self.items[index].message, message.isPending else {
            return
        }
        message.text = text
        self.items[index].content = .message(message)
        self.items[index].links = self.number(linksOf: text)
    }

    /// A message was taken away; its place stays, so that replies and marks still find it.
    mutating func markRemoved(_ id: String, by name: String) {
        guard let index = self.index(ofMessage: id), var message = self.items[index].message else { return }
        self.textBytes -= message.text.utf8.count
        message.text = message.author == name ? "[removed]" : "[removed by \(name)]"
        self.textBytes += message.text.utf8.count
        message.isRemoved = true
        message.isEdited = false
        self.items[index].content = .message(message)
        self.items[index].links = []
    }

    /// All that was seen before it was stored is stored now.
    mutating func markStored() {
        for index in self.items.indices {
            guard var message = self.items[index].message, message.isUnstored else { continue }
            message.isUnstored = false
            self.items[index].content = .message(message)
        }
    }

    /// Takes out an own message that will not be sent.
    mutating func remove(message id: String) {
        guard let index = self.index(ofMessage: id) else { return }
        self.textBytes -= self.items.remove(at: index).message?.text.utf8.count ?? 0
        self.known.remove(id)
    }

    /// Forgets everything shown, but still refuses repeats.
    mutating func clear() {
        self.items.removeAll { !$0.isPending }
        self.textBytes = self.items.reduce(0) { $0 + ($1.message?.text.utf8.count ?? 0) }
    }

    /// The highest key given.
    var lastKey: Int { self.nextKey - 1 }

    /// The place of a key; keys near the end are found first.
    func index(ofKey key: Int) -> Int? { self.items.lastIndex { $0.key == key } }

    /// The place of a message.
    func index(ofMessage id: String) -> Int? { self.items.lastIndex { $0.message?.id == id } }

    /// A message by its id.
    func message(_ id: String) -> ChatMessage? { self.index(ofMessage: id).flatMap { self.items[$0].message } }

    /// The oldest message that the server has confirmed.
    var oldestMessage: ChatMessage? {
        self.items.lazy.filter { !$0.isOld }.compactMap(\.message).first { !$0.isPending }
    }

    /// The newest message that the server has confirmed.
    var newestMessage: ChatMessage? {
        self.items.reversed().lazy.filter { !$0.isOld }.compactMap(\.message).first { !$0.isPending }
    }

    /// A link by its number.
    func link(_ number: Int) -> NumberedLink? {
        for item in self.items.reversed() {
            if let link = item.links.first(where: { $0.number == number }) { return link }
        }
        return nil
    }

    /// The links of the newest message that has some.
    var newestLink: NumberedLink? { self.items.last { !$0.links.isEmpty }?.links.last }

    private mutating func number(linksOf text: String) -> [NumberedLink] {
        guard text.utf8.contains(UInt8(ascii: ":")) else { return [] }
        return NumberedLink.find(in: text).map { url in
            defer { self.nextLink += 1 }
            return NumberedLink(number: self.nextLink, url: url)
        }
    }

    private var firstPending: Int {
        var index = self.items.endIndex
        while index > 0, self.items[index - 1].isPending { index -= 1 }
        return index
    }

    /// Live messages go to the end; only history, clearly older than what is here, goes before it.
    private func place(for time: WallTime) -> Int {
        var index = self.firstPending
        while index > 0, self.items[index - 1].time > time { index -= 1 }
        return index
    }

    /// Lets go of the oldest entries where there are too many, or too long ones; a tenth more first, so that it is rare.
    private mutating func trim() {
        let isTooMany = self.items.count > Self.capacity + Self.capacity / 10
        guard isTooMany || self.textBytes > Self.textCapacity + Self.textCapacity / 10 else { return }
        var surplus = 0
        while surplus < self.items.count - 1,
            self.items.count - surplus > Self.capacity || self.textBytes > Self.textCapacity,
            !self.items[surplus].isPending
        {
            if let message = self.items[surplus].message {
                self.known.remove(message.id)
                self.textBytes -= message.text.utf8.count
            }
            surplus += 1
        }
        self.items.removeFirst(surplus)
    }
}
