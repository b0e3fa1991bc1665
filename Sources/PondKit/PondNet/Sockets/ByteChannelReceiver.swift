/// Receives what arrives on a byte channel, always on the channel's loop.
package protocol ByteChannelReceiver: AnyObject {
    /// Bytes arrived. They lie in a buffer that the loop's channels share: change them in place, copy what is to stay.
    func channel(_ channel: ByteChannel, received bytes: UnsafeMutableRawBufferPointer)
    /// The peer will send no more and may still read; unless said otherwise the channel is closed.
    func channelInputEnded(_ channel: ByteChannel)
    /// The peer has taken everything after it had been too slow for some time.
    func channelDrained(_ channel: ByteChannel)
    /// The end; called once, never from within a call of the channel's own methods, and nothing is called after it.
    func channel(_ channel: ByteChannel, ended end: ByteChannelEnd)
}

extension ByteChannelReceiver {
    package func channelInputEnded(_ channel: ByteChannel) { channel.close() }

    package func channelDrained(_ channel: ByteChannel) {}
}
