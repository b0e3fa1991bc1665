/// What carries the chat: takes requests from the main thread and tells events from threads of its own.
protocol ChatSession: AnyObject, Sendable {
    /// Begins something; what comes of it is told as events.
    func perform(_ request: SessionRequest)
    /// Says goodbye; nothing is told any more. Returns when the goodbye is on its way, at most a second later.
    func close()
}
