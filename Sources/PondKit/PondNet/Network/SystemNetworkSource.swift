public import PondRuntime

/// The route table of the kernel, and the jump of the boot clock after a suspend. Needs no privilege.
///
/// All watches of one loop share two descriptors. A loop whose clock a test moves is not watched.
public struct SystemNetworkSource: NetworkSource {
    /// The watchers of loops, while somebody uses them.
    private static let watchers = Lock<[ObjectIdentifier: Weak]>([:])

    /// The network of this machine.
    public init() {}

    public func watch(on loop: EventLoop, _ changed: @escaping (NetworkChange) -> Void) -> AnyObject? {
        guard loop.runsOnSystemTime, let watcher = Self.watcher(of: loop) else { return nil }
        return Watch(watcher, id: watcher.value.add(changed), on: loop)
    }

    private static func watcher(of loop: EventLoop) -> LoopConfined<NetworkWatcher>? {
        let id = ObjectIdentifier(loop)
        if let watcher = Self.watchers.withLock({ $0[id]?.watcher }) { return watcher }
        guard let watcher = NetworkWatcher(on: loop) else { return nil }
        let confined = LoopConfined(watcher, to: loop)
        Self.watchers.withLock { watchers in
            watchers = watchers.filter { $0.value.watcher != nil }
            watchers[id] = Weak(confined)
        }
        return confined
    }
}

extension SystemNetworkSource {
    private struct Weak: Sendable {
        weak let watcher: LoopConfined<NetworkWatcher>?

        init(_ watcher: LoopConfined<NetworkWatcher>) { self.watcher = watcher }
    }

    /// One listener of a loop's watcher; may be released on any thread.
    private final class Watch: Sendable {
        private let watcher: LoopConfined<NetworkWatcher>
        private let id: UInt64
        private let loop: EventLoop

        init(_ watcher: LoopConfined<NetworkWatcher>, id: UInt64, on loop: EventLoop) {
            self.watcher = watcher
            self.id = id
            self.loop = loop
        }

        deinit { self.loop.execute { [watcher, id] in watcher.value.remove(id) } }
    }
}
