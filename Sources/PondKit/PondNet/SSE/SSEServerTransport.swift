package import PondCore
import PondRuntime

/// Messages down an event stream, on a byte channel on which the response has begun; what goes up comes in requests.
///
/// It belongs to the channel's loop. The channel keeps it alive until the end was told.
package final class SSEServerTransport: Transport {
    package let kind = TransportKind.serverSentEvents
    package var receiver: (any TransportReceiver)?
    /// Called when the stream has ended, before the receiver is.
    package var whenOver: (() -> Void)?

    private let channel: ByteChannel
    private let context: SSEContext
    private var isOpen = true
    /// What is told in place of a broken channel, once this side closed it.
    private var closing: TransportEnd?
    private var keepalive: TimerID?

    package init(_ channel: ByteChannel, context: SSEContext) {
        self.channel = channel
        self.context = context
    }

    /// Begins to watch over the stream.
    package func begin() {
        self.channel.receiver = self
        // A peer that went without a word is noticed by what it does not acknowledge.
        self.channel.limitUnacknowledged(self.context.limits.idleTime)
        self.scheduleKeepalive()
    }

    package var queuedBytes: Int { self.channel.queuedBytes }

    package func send(_ frame: Frame) {
        self.channel.loop.checkCurrent("Transport.send(_:)")
        guard self.isOpen else { return }
        let bytes = self.context.event(frame)
        let bound = self.context.limits.outboundBytes
        if self.channel.queuedBytes + bytes.count > bound {
            self.channel.flush()
            let queued = self.channel.queuedBytes
            guard queued == 0 || queued + bytes.count <= bound else { return self.overflow() }
        }
        self.channel.write(sharedBy: frame, variant: 2, maximum: bytes.count) { space in
            space.copyBytes(from: bytes)
            return bytes.count
        }
    }

    /// Hands on what a client sent up; false when the stream is over.
    package func deliver(_ message: UnsafeRawBufferPointer) -> Bool {
        guard self.isOpen else { return false }
        self.receiver?.transport(self, received: message)
        return true
    }

    /// The client said that it leaves; false when the stream was over before.
    package func leave() -> Bool {
        guard self.isOpen else { return false }
        self.stop()
        self.channel.close(within: self.context.limits.closeTime)
        self.tell(TransportEnd(code: 1000, reason: "The client left", clean: true))
        return true
    }

    package func close(code: UInt16, reason: String) {
        self.channel.loop.checkCurrent("Transport.close(code:reason:)")
        guard self.isOpen else { return }
        self.closing = TransportEnd(code: code, reason: reason, clean: true)
        self.stop()
        self.channel.close(within: self.context.limits.closeTime)
    }

    package func abort() {
        self.channel.loop.checkCurrent("Transport.abort()")
        self.stop()
        self.channel.abort()
    }

    private func overflow() {
        let end = TransportEnd(code: 1013, reason: "Too slow: outbound queue full", clean: false)
        self.stop()
        self.channel.close(within: self.context.limits.closeTime)
        // Whoever sends is in the midst of sending to others, too.
        self.channel.loop.atEndOfTurn { self.tell(end) }
    }

    private func scheduleKeepalive() {
        self.keepalive = self.channel.loop.schedule(after: self.context.limits.sseKeepalive) { [weak self] in
            guard let self, self.isOpen else { return }
            if !self.channel.isBacklogged { self.channel.write(self.context.keepalive) }
            self.scheduleKeepalive()
        }
    }

    private func stop() {
        self.isOpen = false
        if let keepalive = self.keepalive { self.channel.loop.cancel(keepalive) }
        self.keepalive = nil
        self.whenOver?()
        self.whenOver = nil
    }

    private func tell(_ end: TransportEnd) {
        let receiver = self.receiver
        self.receiver = nil
        receiver?.transport(self, ended: end)
    }
}

extension SSEServerTransport: ByteChannelReceiver {
    /// A stream goes one way: bytes that a client sends after its request are ignored.
    package func channel(_ channel: ByteChannel, received bytes: UnsafeMutableRawBufferPointer) {}

    package func channelInputEnded(_ channel: ByteChannel) {
        channel.close(within: self.context.limits.closeTime)
        guard self.isOpen else { return }
        self.stop()
        self.tell(TransportEnd(code: 1006, reason: "The client closed the stream", clean: false))
    }

    package func channel(_ channel: ByteChannel, ended end: ByteChannelEnd) {
        self.stop()
        self.tell(self.closing ?? TransportEnd(code: 1006, reason: end.description, clean: false))
    }
}
