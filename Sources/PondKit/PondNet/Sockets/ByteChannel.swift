internal import CPondSys
internal import Glibc
package import PondRuntime

/// A stream of bytes to and from one peer: TCP or a Unix socket, with TLS on top or without.
///
/// It belongs to one loop: everything here is called on it. The loop keeps the channel alive until its end was told,
/// and the channel its receiver.
package final class ByteChannel: OutboundOwner {
    /// The loop it belongs to.
    package let loop: EventLoop
    /// Where the peer is.
    package let remoteAddress: SocketAddress
    /// Receives what arrives; nothing is read before it is set.
    package var receiver: (any ByteChannelReceiver)? {
        didSet { self.updateInterest() }
    }

    private enum State {
        /// TLS is being agreed on, and nothing else goes through; can become `open` or `ended`.
        indirect case handshaking((ByteChannelEnd?) -> Void)
        /// Bytes go both ways; can become `finishing` or `ended`.
        case open
        /// Writes what is queued and throws away what arrives; can become `lingering` or `ended`.
        case finishing
        /// This side has said its last; waits for the peer to do so too. Can become `ended`.
        case lingering
        /// The descriptor is closed. Nothing comes after it.
        indirect case ended(ByteChannelEnd)
    }

    /// Reads per event, so that one loud peer does not keep the others waiting.
    private static let readsPerEvent = 4
    /// Above this, bytes for one channel skip the arena.
    private static let largeWrite = 256 * 1024

    private var state = State.open
    private var interest: PollEvents = []
    private var isWatched = false
    private var isReadingPaused = false
    private var hasInputEnded = false
    private let outbound: Outbound
    private let out: UnsafeMutablePointer<OutboundState>
    private var tls: TLSSession?
    private var saidGoodbye = false
    private var deadline = TimerID.none
    private let gate: ConnectionGate?

    /// Takes over a connected, non-blocking socket; nothing is read before `activate()`.
    ///
    /// The gate that admitted the connection is told when its descriptor is closed.
    init(descriptor: Int32, remoteAddress: SocketAddress, loop: EventLoop, gate: ConnectionGate? = nil) {
        self.gate = gate
        self.remoteAddress = remoteAddress
        self.loop = loop
        self.outbound = Outbound.of(loop)
        self.out = self.outbound.makeState(descriptor: descriptor)
        super.init()
        self.out.pointee.owner = Unmanaged.passUnretained(self)
        self.out.pointee.flags.insert(.simple)
    }

    deinit {
        if self.descriptor >= 0 { System.close(self.descriptor) }
        // The last reference may be released on any thread, and the loop's lists belong to the loop. A channel with
        // something to write is registered or has ended, so the loop holds it: what is removed later is not written to.
        nonisolated(unsafe) let (outbound, out) = (self.outbound, self.out)
        if self.loop.isSafeHere || !self.loop.submit({ outbound.removeState(out) }) { outbound.removeState(out) }
    }

    /// -1 when it is closed.
    private var descriptor: Int32 { self.out.pointee.descriptor }

    /// Begins to read.
    func activate() {
        guard case .open = self.state, !self.isWatched else { return self.continueReading() }
        self.watch()
    }

    /// Agrees on TLS with the peer; `completion` is called when that is done, with the end when it failed.
    ///
    /// Nothing is read before `activate()` is called then.
    func startTLS(
        _ session: TLSSession,
        within limit: Duration,
        completion: @escaping (ByteChannelEnd?) -> Void
    ) {
        self.tls = session
        self.state = .handshaking(completion)
        self.out.pointee.flags.insert(.closed)
        self.out.pointee.flags.remove(.simple)
        self.deadline = self.loop.schedule(after: limit) { [weak self] in self?.end(.timedOut) }
        self.watch()
        self.shakeHands(session)
    }

    private func watch() {
        do throws(SystemError) {
            self.interest = self.wantedInterest
            try self.loop.watch(self.descriptor, for: self.interest, self)
            self.isWatched = true
        } catch {
            self.end(.failed(error))
        }
    }

    // MARK: Writing

    /// Whether bytes are still taken.
    package var isOpen: Bool { !self.out.pointee.isClosed }

    /// Where broadcasts are put without asking this channel's receiver.
    package var lane: OutboundLane { OutboundLane(state: self.out) }

    /// Says which frames the receiver lets pass by `lane`: smaller than `size` bytes (`nil`: of any size), while not more
    /// than `bound` bytes are queued.
    package func takeShared(below size: Int?, bound: Int) {
        guard self.isOpen else { return }
        self.out.pointee.sharedBelow =
            size.map { UInt16(clamping: min(max($0, 0), Int(OutboundState.anySize) - 1)) }
            ?? OutboundState.anySize
        self.out.pointee.bound = UInt32(clamping: bound)
    }

    /// Closes `lane`.
    package func refuseShared() { self.out.pointee.sharedBelow = 0 }

    /// Bytes that were written here and that the peer's socket has not taken.
    package var queuedBytes: Int { self.out.pointee.queuedBytes }

    /// Whether the peer is too slow: its socket did not take everything it was offered.
    package var isBacklogged: Bool { self.out.pointee.backlog != nil }

    /// Offers the peer's socket what is queued, before the turn ends.
    package func flush() {
        if self.out.pointee.flags.contains(.dirty) { self.writeQueued() }
    }

    /// Queues bytes; everything of a turn goes out together when the turn ends.
    package func write(_ bytes: UnsafeRawBufferPointer) {
        guard self.isOpen, !bytes.isEmpty else { return }
        if bytes.count > Self.largeWrite {
            self.moveSegmentsToBacklog()
            self.appendToBacklog(bytes)
            self.markDirty()
        } else {
            self.write(
                self.outbound.put(maximum: bytes.count) { space in
                    space.copyMemory(from: bytes)
                    return bytes.count
                }
            )
        }
    }

    /// Queues bytes; everything of a turn goes out together when the turn ends.
    package func write(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { self.write($0) }
    }

    /// Queues what `fill` puts into place: at most `maximum` bytes, and it says how many.
    package func write(maximum: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Int) {
        guard self.isOpen else { return }
        self.write(self.outbound.put(maximum: maximum, fill))
    }

    /// Room for at most so many bytes, valid until the next call of anything on this loop; `queue` says how many were
    /// written.
    @inline(__always)
    package func room(_ maximum: Int) -> UnsafeMutableRawPointer { self.outbound.room(maximum) }

    /// Queues what was written into the room that was asked for last.
    @inline(__always)
    package func queue(_ count: Int) { self.write(self.outbound.take(count)) }

    /// Queues bytes that many channels of the loop are to write one after another: `fill` is called for the first only.
    @inline(__always)
    package func write(
        sharedBy key: AnyObject,
        variant: Int,
        maximum: Int,
        _ fill: (UnsafeMutableRawBufferPointer) -> Int
    ) {
        guard self.isOpen else { return }
        self.write(self.outbound.put(sharedBy: key, variant: variant, maximum: maximum, fill))
    }

    @inline(__always)
    private func write(_ range: OutboundRange) {
        self.outbound.append(range, to: self.out)
    }

    private func markDirty() {
        if !self.out.pointee.flags.contains(.dirty) { self.outbound.markDirty(self.out) }
    }

    /// Ends when the peer has not acknowledged bytes for so long, even where nothing else would tell that it is gone.
    package func limitUnacknowledged(_ time: Duration) {
        guard self.descriptor >= 0, self.remoteAddress.port != nil else { return }
        System.setUserTimeout(time, on: self.descriptor)
    }

    // MARK: Reading

    /// Leaves what arrives with the kernel, and so slows the peer down.
    package func pauseReading() {
        self.isReadingPaused = true
        self.updateInterest()
    }

    package func resumeReading() {
        self.isReadingPaused = false
        self.updateInterest()
        self.continueReading()
    }

    /// What was read from the socket already is delivered without it becoming readable again.
    private func continueReading() {
        guard let tls = self.tls, tls.hasInput else { return }
        self.loop.atEndOfTurn { [weak self] in self?.deliverDecrypted(tls) }
    }

    // MARK: The end

    /// Writes what is queued, says that nothing follows, and waits for the peer to say so too, `limit` at most.
    package func close(within limit: Duration = .seconds(5)) {
        if case .handshaking = self.state { return self.abort() }
        guard case .open = self.state else { return }
        self.state = .finishing
        self.closeOutput()
        self.deadline = self.loop.schedule(after: limit) { [weak self] in self?.end(.timedOut) }
        self.updateInterest()
        // Even with nothing queued the goodbye has its place at the end of the turn.
        self.markDirty()
    }

    /// Ends at once with a reset; queued bytes are lost.
    package func abort() {
        if case .ended = self.state { return }
        System.setCutOnClose(self.descriptor)
        self.end(.aborted)
    }

    private func end(_ end: ByteChannelEnd) {
        if case .ended = self.state { return }
        var failedHandshake: ((ByteChannelEnd?) -> Void)?
        if case .handshaking(let completion) = self.state { failedHandshake = completion }
        self.state = .ended(end)
        // Before anything else: the loop's registration may hold the last reference to this channel.
        self.outbound.markEnded(self)
        if self.isWatched { self.loop.unwatch(self.descriptor, closing: true) }
        System.close(self.descriptor)
        self.out.pointee.descriptor = -1
        self.closeOutput()
        self.out.pointee.removeSegments()
        self.out.pointee.removeBacklog()
        self.loop.cancel(self.deadline)
        self.deadline = .none
        self.gate?.release(self.remoteAddress)
        self.tls = nil
        failedHandshake?(end)
    }

    /// Nothing more is queued, and the end of the turn has to look at what becomes of it.
    private func closeOutput() {
        self.out.pointee.flags.insert(.closed)
        self.out.pointee.flags.remove(.simple)
        self.out.pointee.sharedBelow = 0
    }

    /// The loop's turn is over: nothing of this channel is on the stack any more.
    override func tellEnd() {
        guard case .ended(let end) = self.state, let receiver = self.receiver else { return }
        self.receiver = nil
        receiver.channel(self, ended: end)
    }

    // MARK: At the end of the turn

    override func writeQueued() {
        if case .ended = self.state { return }
        if let tls = self.tls {
            self.writeEncrypted(tls)
        } else if self.out.pointee.backlog == nil {
            self.writeSegments()
        } else {
            // A large write put its bytes straight into the backlog; otherwise the socket is known to be full.
            self.moveSegmentsToBacklog()
            if !self.interest.contains(.writable) { self.writeBacklog() }
        }
        self.settle()
    }

    /// What was queued was offered to the socket, which took so many bytes, or gave a negative errno.
    override func wroteQueued(_ result: Int) {
        if case .ended = self.state { return }
        if result == Int(self.out.pointee.segmentBytes) {
            self.out.pointee.removeSegments()
        } else if result >= 0 {
            self.moveSegmentsToBacklog(except: result)
        } else if result == Int(-EAGAIN) || result == Int(-EINTR) {
            self.moveSegmentsToBacklog()
        } else {
            self.end(.failed(SystemError(code: Int32(truncatingIfNeeded: -result))))
        }
        self.settle()
    }

    private func writeSegments() {
        guard self.out.pointee.hasSegments else { return }
        do throws(SystemError) {
            let sent =
                if let bytes = self.outbound.inOnePiece(self.out) {
                    try System.send(self.descriptor, bytes)
                } else {
                    try self.sendSegments()
                }
            if sent < Int(self.out.pointee.segmentBytes) { self.moveSegmentsToBacklog(except: sent) }
        } catch SystemError.wouldBlock {
            self.moveSegmentsToBacklog()
        } catch {
            self.end(.failed(error))
        }
        self.out.pointee.removeSegments()
    }

    private func sendSegments() throws(SystemError) -> Int {
        // What does not fit into one call goes through the backlog.
        let pieces = min(self.outbound.segmentCount(self.out), 1024)
        var result: Result<Int, SystemError> = .success(0)
        withUnsafeTemporaryAllocation(of: iovec.self, capacity: pieces) { vector in
            var index = 0
            self.outbound.forEachSegment(self.out) { bytes in
                guard index < pieces else { return }
                vector.initializeElement(
                    at: index,
                    to: iovec(iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count)
                )
                index += 1
            }
            result = Result { () throws(SystemError) in try System.send(self.descriptor, vector) }
        }
        return try result.get()
    }

    private func moveSegmentsToBacklog(except sent: Int = 0) {
        var skip = sent
        self.outbound.forEachSegment(self.out) { bytes in
            if case .ended = self.state { return }
            if skip >= bytes.count {
                skip -= bytes.count
            } else {
                self.appendToBacklog(UnsafeRawBufferPointer(rebasing: bytes[skip...]))
                skip = 0
            }
        }
        self.out.pointee.removeSegments()
    }

    private func appendToBacklog(_ bytes: UnsafeRawBufferPointer) {
        guard let tls = self.tls else { return self.out.pointee.appendToBacklog(bytes) }
        if let fault = tls.write(bytes) { return self.end(.insecure(fault)) }
        tls.takeOutput { self.out.pointee.appendToBacklog($0) }
    }

    private func writeBacklog() {
        do throws(SystemError) {
            while let backlog = self.out.pointee.backlog {
                let sent = try backlog.withBytes { (bytes) throws(SystemError) in
                    try System.send(self.descriptor, bytes)
                }
                self.out.pointee.removeFromBacklog(sent)
            }
        } catch SystemError.wouldBlock {
            return
        } catch {
            self.end(.failed(error))
        }
    }

    /// After writing: waits for room, or says goodbye when that is what was left to do.
    private func settle() {
        if self.out.pointee.backlog == nil, case .finishing = self.state {
            if let tls = self.tls, !self.saidGoodbye {
                self.saidGoodbye = true
                tls.sayGoodbye()
                self.writeEncrypted(tls)
                guard self.out.pointee.backlog == nil, case .finishing = self.state else {
                    return self.updateInterest()
                }
            }
            System.endOutput(self.descriptor)
            self.state = .lingering
            if self.hasInputEnded { self.end(.closed) }
        }
        self.updateInterest()
    }

    // MARK: TLS

    /// Encrypts what is queued and writes it together with what TLS has to say for itself.
    private func writeEncrypted(_ tls: TLSSession) {
        var fault: String?
        self.outbound.forEachSegment(self.out) { bytes in
            if fault == nil { fault = tls.write(bytes) }
        }
        if let fault { return self.end(.insecure(fault)) }
        self.out.pointee.removeSegments()
        if self.out.pointee.backlog != nil {
            tls.takeOutput { self.out.pointee.appendToBacklog($0) }
            if !self.interest.contains(.writable) { self.writeBacklog() }
            return
        }
        var failure: SystemError?
        tls.takeOutput { ciphertext in
            do throws(SystemError) {
                let sent = try System.send(self.descriptor, ciphertext)
                self.out.pointee.appendToBacklog(UnsafeRawBufferPointer(rebasing: ciphertext[sent...]))
            } catch SystemError.wouldBlock {
                self.out.pointee.appendToBacklog(ciphertext)
            } catch {
                failure = error
            }
        }
        if let failure { self.end(.failed(failure)) }
    }

    private func shakeHands(_ tls: TLSSession) {
        guard case .handshaking(let completion) = self.state else { return }
        let progress = tls.handshake()
        self.writeEncrypted(tls)
        guard case .handshaking = self.state else { return }
        switch progress {
        case .waiting:
            self.updateInterest()
        case .failed(let fault):
            self.end(.insecure(fault))
        case .done:
            self.loop.cancel(self.deadline)
            self.deadline = .none
            self.state = .open
            self.out.pointee.flags.remove(.closed)
            self.updateInterest()
            completion(nil)
        }
    }

    private func receiveEncrypted(_ ciphertext: UnsafeRawBufferPointer, _ tls: TLSSession) {
        guard tls.receive(ciphertext) else { return self.end(.insecure("out of memory")) }
        self.shakeHands(tls)
        self.deliverDecrypted(tls)
    }

    private func deliverDecrypted(_ tls: TLSSession) {
        let buffer = self.loop.plainBuffer.bytes
        while true {
            switch self.state {
            case .handshaking, .ended: return
            case .open: if self.isReadingPaused || self.receiver == nil { return }
            case .finishing, .lingering: break
            }
            switch tls.read(into: buffer) {
            case .bytes(let count):
                guard case .open = self.state else { continue }
                self.receiver?.channel(self, received: UnsafeMutableRawBufferPointer(rebasing: buffer[..<count]))
            case .waiting:
                // Reading can give TLS something to say, such as the answer to a key update.
                if tls.hasOutput { self.markDirty() }
                return
            case .ended:
                return self.endInput()
            case .failed(let fault):
                // The alert that says so goes out before the end.
                self.writeEncrypted(tls)
                return self.end(.insecure(fault))
            }
        }
    }

    // MARK: Interest

    private var wantedInterest: PollEvents {
        var wanted: PollEvents = self.out.pointee.backlog == nil ? [] : .writable
        switch self.state {
        case .handshaking:
            wanted.insert(.readable)
        case .open:
            if self.receiver != nil, !self.isReadingPaused, !self.hasInputEnded { wanted.insert(.readable) }
        case .finishing, .lingering:
            if !self.hasInputEnded { wanted.insert(.readable) }
        case .ended:
            return []
        }
        return wanted
    }

    private func updateInterest() {
        guard self.isWatched else { return }
        if case .ended = self.state { return }
        let wanted = self.wantedInterest
        guard wanted != self.interest else { return }
        self.interest = wanted
        self.loop.change(self.descriptor, to: wanted)
    }
}

extension ByteChannel: Pollable {
    package func pollReady(_ events: PollEvents) {
        if events.contains(.writable) {
            self.writeBacklog()
            self.settle()
            if case .open = self.state, self.out.pointee.backlog == nil { self.receiver?.channelDrained(self) }
        }
        if events.contains(.readable) {
            self.read()
        } else if !events.isDisjoint(with: [.failed, .hungUp]), !self.interest.contains(.readable) {
            // Nobody reads, and the condition would be reported for ever.
            self.end(System.pendingError(of: self.descriptor).map { .failed($0) } ?? .failed(.connectionReset))
        } else if !events.isDisjoint(with: [.failed, .hungUp]) {
            self.read()
        }
    }

    package func pollStopped() { self.end(.loopStopped) }

    private func read() {
        for _ in 0..<Self.readsPerEvent {
            let buffer = self.loop.receiveBuffer.bytes
            let count: Int
            switch self.state {
            case .ended: return
            case .open: if self.isReadingPaused || self.hasInputEnded { return }
            case .handshaking, .finishing, .lingering: if self.hasInputEnded { return }
            }
            do throws(SystemError) {
                count = try System.receive(self.descriptor, into: buffer)
            } catch SystemError.wouldBlock {
                return
            } catch {
                return self.end(.failed(error))
            }
            guard count > 0 else { return self.endInput() }
            if let tls = self.tls {
                self.receiveEncrypted(UnsafeRawBufferPointer(rebasing: buffer[..<count]), tls)
            } else if case .open = self.state {
                self.receiver?.channel(self, received: UnsafeMutableRawBufferPointer(rebasing: buffer[..<count]))
            }
            // A buffer that was not filled means that the socket is empty: no need to ask.
            guard count == buffer.count else { return }
        }
    }

    private func endInput() {
        guard !self.hasInputEnded else { return }
        self.hasInputEnded = true
        if case .lingering = self.state { return self.end(.closed) }
        if case .handshaking = self.state { return self.end(.insecure("the peer hung up during the handshake")) }
        self.updateInterest()
        if case .open = self.state { self.receiver?.channelInputEnded(self) }
    }
}
