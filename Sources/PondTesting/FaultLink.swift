import PondKit

/// One connection through the proxy: what comes in on one side goes out on the other, until its plan says otherwise.
final class FaultLink {
    private let near: ByteChannel
    private var far: ByteChannel?
    /// What the client said before the server was reached.
    private var early: [UInt8] = []
    private var plan: FaultPlan?
    private var passed = 0
    private var isSwallowing = false
    private var isOver = false
    var whenOver: (() -> Void)?

    init(from near: ByteChannel, plan: FaultPlan?, to port: Int) {
        self.near = near
        self.plan = plan
        near.receiver = self
        Connector.connect(to: "127.0.0.1", port: port, on: near.loop) { result in
            switch result {
            case .success(let far): self.reached(far)
            case .failure: self.cut(resetting: true)
            }
        }
    }

    private func reached(_ far: ByteChannel) {
        guard !self.isOver else { return far.abort() }
        self.far = far
        far.receiver = self
        let early = self.early
        self.early = []
        early.withUnsafeBytes { self.pass($0, to: far) }
    }

    func cut(resetting: Bool) {
        guard !self.isOver else { return }
        self.isOver = true
        for channel in [self.near, self.far] {
            if resetting { channel?.abort() } else { channel?.close(within: .seconds(1)) }
        }
        self.whenOver?()
        self.whenOver = nil
    }

    /// From now on nothing passes, and nobody is told.
    func swallow() { self.isSwallowing = true }

    private func pass(_ bytes: UnsafeRawBufferPointer, to channel: ByteChannel) {
        guard let plan = self.plan, self.passed + bytes.count > plan.after else {
            self.passed += bytes.count
            channel.write(bytes)
            return
        }
        let allowed = max(0, plan.after - self.passed)
        let rest = UnsafeRawBufferPointer(rebasing: bytes[allowed...])
        self.plan = nil
        self.passed += allowed
        channel.write(UnsafeRawBufferPointer(rebasing: bytes[..<allowed]))
        switch plan.kind {
        case .reset: self.cut(resetting: true)
        case .end: self.cut(resetting: false)
        case .halfOpen: self.isSwallowing = true
        case .stall: self.stall(plan.stall, then: Array(rest), to: channel)
        }
    }

    private func stall(_ time: Duration, then rest: [UInt8], to channel: ByteChannel) {
        self.near.pauseReading()
        self.far?.pauseReading()
        self.near.loop.schedule(after: time) {
            guard !self.isOver else { return }
            channel.write(rest)
            self.near.resumeReading()
            self.far?.resumeReading()
        }
    }
}

extension FaultLink: ByteChannelReceiver {
    func channel(_ channel: ByteChannel, received bytes: UnsafeMutableRawBufferPointer) {
        guard !self.isSwallowing, !self.isOver else { return }
        let bytes = UnsafeRawBufferPointer(bytes)
        guard let other = channel === self.near ? self.far : self.near else {
            // A client says no more than its handshake before it hears from the server.
            if self.early.count + bytes.count <= 64 * 1024 { self.early += bytes }
            return
        }
        self.pass(bytes, to: other)
    }

    func channel(_ channel: ByteChannel, ended end: ByteChannelEnd) {
        // Half-open means that the other end is not told.
        if !self.isSwallowing { self.cut(resetting: end != .closed) }
    }

    func channelInputEnded(_ channel: ByteChannel) {
        if !self.isSwallowing { self.cut(resetting: false) }
    }
}

/// The connections of a proxy, so that all can be cut. Confined to the proxy's loop.
final class FaultLinks {
    private var links: [ObjectIdentifier: FaultLink] = [:]

    func add(_ link: FaultLink) {
        let id = ObjectIdentifier(link)
        self.links[id] = link
        link.whenOver = { [weak self] in self?.links[id] = nil }
    }

    func swallowAll() {
        for link in self.links.values { link.swallow() }
    }

    func cutAll() {
        for link in self.links.values { link.cut(resetting: true) }
    }
}
