/// The end of a server.
extension PondSocket {
    /// Registers what must happen when the server stops, such as closing a listener; after the connections are gone.
    public func onStop(_ body: @escaping @Sendable () async -> Void) { self.core.onStop(body) }

    /// Takes no new connections and asks clients to connect elsewhere, one after the other over this time.
    ///
    /// Clients that do not know the request stay until the server is stopped.
    public func drain(over time: Duration) {
        self.core.enter(.draining(retryAfter: Int(time.inSeconds.rounded(.up)) + 1))
        let shards = self.core.group.shards
        let milliseconds = max(0, time.wholeNanoseconds / 1_000_000)
        for shard in shards {
            shard.loop.execute {
                let count = Int64(shard.connections.count)
                for (index, connection) in shard.connections.values.enumerated() {
                    let after = milliseconds * Int64(index) / max(count, 1)
                    connection.send(ServerFrames.reconnect(after: after))
                }
            }
        }
    }

    /// Closes every connection with 1001.
    public func closeAll(reason: String = "going away") {
        for shard in self.core.group.shards {
            shard.loop.execute {
                for connection in shard.connections.values { connection.close(code: 1001, reason: reason) }
            }
        }
    }

    /// Drains the server over this time, closes what is left, and ends the loops that it started itself.
    public func stop(drain time: Duration = .zero) async {
        guard let first = self.core.group.shards.first else {
            self.core.enter(.stopped)
            return
        }
        self.drain(over: time)
        if time > .zero { await self.empty(within: time, on: first.loop) }
        self.closeAll()
        await self.empty(within: self.options.limits.closeTime, on: first.loop)
        self.core.enter(.stopped)
        for body in self.core.takeOnStop() { await body() }
        for shard in self.core.group.shards {
            shard.loop.execute { shard.end() }
            guard self.core.ownsLoops else { continue }
            await shard.loop.stop()
            // Where the loop had stopped before.
            shard.end()
        }
        self.core.group.empty()
    }

    /// Waits until no connection is left, but not longer than this.
    private func empty(within time: Duration, on loop: EventLoop) async {
        await withCheckedContinuation { continuation in
            let waiter = Lock<CheckedContinuation<Void, Never>?>(continuation)
            let wake: @Sendable () -> Void = {
                let continuation = waiter.withLock { waiter in
                    defer { waiter = nil }
                    return waiter
                }
                continuation?.resume()
            }
            loop.execute { loop.schedule(after: time, wake) }
            self.core.whenEmpty(wake)
        }
    }
}
