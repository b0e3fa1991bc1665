import PondChat
import PondKit

/// Looking back: pages, searches, read marks.
extension ChatServer {
    func addHistory(to lobby: Lobby) throws(PondError) {
        try lobby.onMessage(HistoryRequest.event) { context in try await self.history(context) }
        try lobby.onMessage(SearchRequest.event) { context in try await self.search(context) }
        try lobby.onMessage(MarkRead.event) { context in try await self.markRead(context) }
    }

    private func history(_ context: EventContext) async throws {
        let session = try self.session(context)
        let channel = try self.channel(context)
        let request: HistoryRequest = try context.decode()
        try self.take(self.asking, session.name.key, "too many questions")
        let anchor = try request.anchor()
        let count = request.count(limits: self.chatLimits)
        let page = try await self.store.read { (tables: ChatTables) throws(SQLiteFault) in
            try tables.page(of: channel, at: anchor, count: count, visible: session.visible(in: channel))
        }
        guard let page else { throw PondError.notFound("no such message here") }
        context.reply(HistoryPage.event, try page.payload())
    }

    private func search(_ context: EventContext) async throws {
        let session = try self.session(context)
        let channel = try self.channel(context)
        var request: SearchRequest = try context.decode()
        try self.take(self.asking, session.name.key, "too many questions")
        try self.take(self.finding, session.name.key, "too many searches")
        request.query = try ChatText.line(request.query, of: "a search", upTo: self.chatLimits.searchCharacters)
        guard try SearchWords(request.query) != nil else {
            return context.reply(SearchPage.event, try SearchPage(messages: [], hasMore: false).payload())
        }
        let (wanted, count) = (request, request.count(limits: self.chatLimits))
        let user = session.owner.id
        guard self.searching.withLock({ $0.insert(user).inserted }) else {
            throw PondError.rateLimited("one search at a time", retryAfter: 0.5)
        }
        defer { self.searching.withLock { _ = $0.remove(user) } }
        let page = try await self.store.search { (tables: ChatTables) throws(SQLiteFault) in
            try tables.search(wanted, in: channel, count: count, visible: session.visible(in: channel))
        }
        context.reply(SearchPage.event, try page.payload())
    }

    private func markRead(_ context: EventContext) async throws {
        let session = try self.session(context)
        let channel = try self.channel(context)
        let request: MarkRead = try context.decode()
        try self.take(self.asking, session.name.key, "too many questions")
        let (name, owner) = (session.name, session.owner)
        var state = try await self.store.write { (tables: ChatTables) throws(SQLiteFault) in
            try tables.markRead(request.upTo, by: name, as: owner, in: channel)
        }
        guard state != nil else { throw ChatError.noSuchMessage(request.upTo) }
        self.cluster?.reading.mark(request.upTo, by: owner, in: channel)
        // All devices of the user, this one too.
        state?.owner = owner.id
        if let state { context.broadcastTo(name.key, ReadState.event, try state.payload()) }
    }
}
