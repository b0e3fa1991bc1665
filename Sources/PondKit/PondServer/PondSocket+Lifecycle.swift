public import PondRuntime

/// The server's loops, from the first to the last.
extension PondSocket {
    /// The loops of the server; empty before it was started.
    public var loops: [EventLoop] { self.core.group.shards.map(\.loop) }

    /// Starts the server on `threads` loops, each with its own thread; a server that was started keeps its loops.
    @discardableResult
    public func start(threads: Int = 1) -> [EventLoop] {
        let sending = self.core.options.sending
        let loops = (0..<max(threads, 1)).map { EventLoop(name: "pond-\($0)", sending: sending) }
        let started = self.start(on: loops) { $0.start() }
        if started.first === loops.first { self.core.ownLoops() }
        return started
    }

    /// Runs the server on loops that someone else drives, as a test does.
    @discardableResult
    public func start(on loops: [EventLoop]) -> [EventLoop] { self.start(on: loops) { _ in } }

    private func start(on loops: [EventLoop], _ begin: (EventLoop) -> Void) -> [EventLoop] {
        guard self.core.begin() else { return self.loops }
        let group = self.core.group
        group.fill(
            loops.enumerated().map { Shard(index: $0.offset, loop: $0.element, core: self.core) }
        )
        for shard in group.shards { shard.watchSuspendingHandlers() }
        for loop in loops { begin(loop) }
        if let cluster = self.core.cluster {
            cluster.start(group)
            self.core.onStop { await cluster.stop(group) }
        }
        return loops
    }

    /// Closes a connection by its id; nothing happens where there is none.
    public func close(connectionId: String, code: UInt16 = 1000, reason: String = "closed by the server") {
        for shard in self.core.group.shards {
            shard.loop.execute { shard.connection(connectionId)?.close(code: code, reason: reason) }
        }
    }

    /// Closes every connection of a user.
    public func disconnect(userId: String, code: UInt16 = 1000, reason: String = "closed by the server") {
        for shard in self.core.group.shards {
            shard.loop.execute {
                for connection in shard.connections.values where connection.identity.userId == userId {
                    connection.close(code: code, reason: reason)
                }
            }
        }
    }
}
