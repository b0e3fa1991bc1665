import PondCore
import PondRuntime

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
    ///
    /// Handlers that are suspended may finish within the drain time. Then their tasks are cancelled, and have
    /// `Limits.closeTime` to end, as have the leave handlers that closing the connections starts; without a drain time
    /// they are cancelled at once. A handler that ignores its cancellation for longer is left behind.
    public func stop(drain time: Duration = .zero) async {
        let own = withUnsafeCurrentTask { $0?.hashValue }
        guard let first = self.core.group.shards.first else {
            self.core.enter(.stopped)
            return
        }
        let closeTime = self.options.limits.closeTime
        // A handler that stops its own server cannot wait for itself.
        let others = self.core.group.shards.map(\.runners).filter { !$0.runsCaller(own) }
        self.drain(over: time)
        if time > .zero {
            let deadline = first.loop.now + time
            await Self.wait(within: time, on: first.loop, for: self.core.whenEmpty)
            for runners in others {
                await Self.wait(within: deadline - first.loop.now, on: first.loop, for: runners.whenNoneRuns)
            }
        }
        self.cancelHandlers(but: own)
        self.closeAll()
        await Self.wait(within: closeTime, on: first.loop, for: self.core.whenEmpty)
        for runners in others { await Self.wait(within: closeTime, on: first.loop, for: runners.whenNoneRuns) }
        self.cancelHandlers(but: own)
        for runners in others { await Self.wait(within: closeTime, on: first.loop, for: runners.whenNoneRuns) }
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

    private func cancelHandlers(but own: Int?) {
        for shard in self.core.group.shards { shard.loop.execute { shard.runners.cancelAll(but: own) } }
    }

    /// Waits until `condition` calls back, but not longer than this.
    private static func wait(
        within time: Duration,
        on loop: EventLoop,
        for condition: (@escaping @Sendable () -> Void) -> Void
    ) async {
        guard time > .zero else { return }
        await withCheckedContinuation { continuation in
            let waiter = Lock<CheckedContinuation<Void, Never>?>(continuation)
            let wake: @Sendable () -> Void = {
                let continuation = waiter.withLock { waiter in
                    defer { waiter = nil }
                    return waiter
                }
                continuation?.resume()
            }
            condition(wake)
            guard waiter.withLock({ $0 != nil }) else { return }
            if !loop.submit({ loop.schedule(after: time, wake) }) { wake() }
        }
    }
}
