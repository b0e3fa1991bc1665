internal import CPondSys
internal import Glibc
import PondRuntime

/// Watches the route table and the suspends of this machine for one loop. Confined to it.
///
/// It costs two descriptors and no timer: the kernel wakes the loop when there is news.
final class NetworkWatcher {
    private let loop: EventLoop
    private var routes: KernelNews?
    private var wake: KernelNews?
    private var news = RouteNews()
    private var suspends = SuspendDetector(boot: .zero, monotonic: .zero)
    private var listeners: [UInt64: (NetworkChange) -> Void] = [:]
    private var nextID: UInt64 = 0

    /// `nil` where the kernel offers neither.
    init?(on loop: EventLoop) {
        self.loop = loop
        let (boot, monotonic) = Self.clocks()
        self.suspends = SuspendDetector(boot: boot, monotonic: monotonic)
        self.routes = KernelNews(pond_route_socket(), on: loop) { [weak self] in self?.readRoutes($0) }
        self.wake = KernelNews(pond_wake_timer(), on: loop) { [weak self] in self?.readClock($0) }
        if self.routes == nil, self.wake == nil { return nil }
    }

    /// The last owner may release the watcher on any thread; the descriptors belong to the loop.
    deinit {
        let news = LoopConfined([self.routes, self.wake], to: self.loop)
        self.loop.execute { for news in news.value { news?.close() } }
    }

    func add(_ listener: @escaping (NetworkChange) -> Void) -> UInt64 {
        self.nextID += 1
        self.listeners[self.nextID] = listener
        return self.nextID
    }

    func remove(_ id: UInt64) { self.listeners[id] = nil }

    private func tell(_ change: NetworkChange) {
        for listener in self.listeners.values { listener(change) }
    }

    private func readRoutes(_ descriptor: Int32) {
        var isConnected = false
        withUnsafeTemporaryAllocation(byteCount: 32 * 1024, alignment: 8) { buffer in
            while true {
                let count = pond_receive(descriptor, buffer.baseAddress, buffer.count)
                // The kernel dropped messages because there were too many: any of them may have been a new route.
                if count == -Int(ENOBUFS) { isConnected = true }
                if count == -Int(EINTR) || count == -Int(ENOBUFS) { continue }
                guard count > 0 else { return }
                if self.news.received(UnsafeRawBufferPointer(rebasing: buffer[..<count])) { isConnected = true }
            }
        }
        if isConnected { self.tell(.connected) }
    }

    private func readClock(_ descriptor: Int32) {
        var expirations: UInt64 = 0
        _ = read(descriptor, &expirations, MemoryLayout<UInt64>.size)
        _ = pond_arm_wake_timer(descriptor)
        let (boot, monotonic) = Self.clocks()
        if let slept = self.suspends.slept(boot: boot, monotonic: monotonic) { self.tell(.woke(after: slept)) }
    }

    private static func clocks() -> (boot: Duration, monotonic: Duration) {
        func read(_ clock: clockid_t) -> Duration {
            var time = timespec()
            clock_gettime(clock, &time)
            return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
        }
        return (read(CLOCK_BOOTTIME), read(CLOCK_MONOTONIC))
    }
}

/// A descriptor of the kernel that becomes readable when there is news.
private final class KernelNews: Pollable {
    private let loop: EventLoop
    private let read: (Int32) -> Void
    private var descriptor: Int32

    /// `nil` for a descriptor below 0, and where the loop cannot watch it.
    init?(_ descriptor: Int32, on loop: EventLoop, read: @escaping (Int32) -> Void) {
        self.loop = loop
        self.read = read
        self.descriptor = descriptor
        guard descriptor >= 0 else { return nil }
        do throws(SystemError) {
            try loop.watch(descriptor, for: .readable, self)
        } catch {
            System.close(descriptor)
            self.descriptor = -1
            return nil
        }
    }

    func pollReady(_ events: PollEvents) { if self.descriptor >= 0 { self.read(self.descriptor) } }

    func pollStopped() { self.close() }

    func close() {
        guard self.descriptor >= 0 else { return }
        self.loop.unwatch(self.descriptor)
        System.close(self.descriptor)
        self.descriptor = -1
    }
}
