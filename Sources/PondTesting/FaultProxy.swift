public import PondKit

/// Stands between clients and a server on this machine and breaks what passes: the network as it is on a bad day.
///
/// ```swift
/// let proxy = try await FaultProxy.start(to: serverPort, seed: 7)
/// proxy.faults = FaultProxy.Faults(chance: 1, bytes: 0...20_000)
/// let client = try PondClient("ws://127.0.0.1:\(proxy.port)/socket")
/// ```
public final class FaultProxy: Sendable {
    /// What may happen to a connection.
    public struct Faults: Sendable, Hashable {
        /// How likely a new connection is to suffer one, from 0 to 1.
        public var chance: Double
        /// After how many bytes, both directions together.
        public var bytes: ClosedRange<Int>
        /// Which ones, all equally likely.
        public var kinds: [Kind]
        /// How long a stall lasts.
        public var stall: ClosedRange<Int>

        /// One way for a connection to fail.
        public enum Kind: Sendable, Hashable, CaseIterable {
            /// Both ends see a reset, wherever the bytes were.
            case reset
            /// Both ends see an end, after the bytes so far.
            case end
            /// Nothing passes any more, and nobody is told.
            case halfOpen
            /// Nothing passes for a time.
            case stall
        }

        /// Faults of these kinds; `stall` in milliseconds.
        public init(
            chance: Double,
            bytes: ClosedRange<Int> = 0...50_000,
            kinds: [Kind] = Kind.allCases,
            stall: ClosedRange<Int> = 1...500
        ) {
            self.chance = chance
            self.bytes = bytes
            self.kinds = kinds
            self.stall = stall
        }

        /// Everything passes.
        public static let none = Faults(chance: 0)
    }

    private struct State {
        var faults = Faults.none
        var random: SeededRandom
        var counts: [Faults.Kind: Int] = [:]
        var target: Int
    }

    /// Where it listens on 127.0.0.1.
    public var port: Int { self.listener.address.port ?? 0 }

    private let loop: EventLoop
    private let listener: Listener
    private let state: Lock<State>
    private let links: LoopConfined<FaultLinks>

    private init(loop: EventLoop, listener: Listener, state: Lock<State>, links: LoopConfined<FaultLinks>) {
        self.loop = loop
        self.listener = listener
        self.state = state
        self.links = links
    }

    /// Listens on a free port of 127.0.0.1 for connections to another one.
    public static func start(to target: Int, seed: UInt64) async throws(PondError) -> FaultProxy {
        let loop = EventLoop(name: "fault-proxy")
        loop.start()
        guard let here = SocketAddress(ip: "127.0.0.1", port: 0) else { throw .badRequest("127.0.0.1") }
        let state = Lock(State(random: SeededRandom(seed: seed), target: target))
        let links = LoopConfined(FaultLinks(), to: loop)
        let listener = try await Listener.listen(on: here, loops: [loop]) { channel in
            let plan = Self.draw(state)
            links.value.add(FaultLink(from: channel, plan: plan, to: state.withLock { $0.target }))
        }
        return FaultProxy(loop: loop, listener: listener, state: state, links: links)
    }

    /// What may happen to connections made from now on.
    public var faults: Faults {
        get { self.state.withLock { $0.faults } }
        set { self.state.withLock { $0.faults = newValue } }
    }

    /// The port that connections made from now on lead to, for a server that comes back elsewhere.
    public var target: Int {
        get { self.state.withLock { $0.target } }
        set { self.state.withLock { $0.target = newValue } }
    }

    /// How often each fault was drawn.
    public var counts: [Faults.Kind: Int] { self.state.withLock { $0.counts } }

    /// Leaves every connection there is half open: nothing passes any more, and nobody is told.
    public func swallowAll() { self.loop.execute { [links] in links.value.swallowAll() } }

    /// Resets every connection there is.
    public func cutAll() { self.loop.execute { [links] in links.value.cutAll() } }

    /// Ends it, with every connection.
    public func stop() async {
        await self.listener.close()
        self.cutAll()
        await self.loop.stop()
    }

    private static func draw(_ state: Lock<State>) -> FaultPlan? {
        state.withLock { state in
            let faults = state.faults
            guard Double.random(in: 0..<1, using: &state.random) < faults.chance,
                let kind = faults.kinds.randomElement(using: &state.random)
            else { return nil }
            state.counts[kind, default: 0] += 1
            return FaultPlan(
                kind: kind,
                after: Int.random(in: faults.bytes, using: &state.random),
                stall: .milliseconds(Int.random(in: faults.stall, using: &state.random))
            )
        }
    }
}

/// What will happen to one connection.
struct FaultPlan {
    let kind: FaultProxy.Faults.Kind
    let after: Int
    let stall: Duration
}
