package import PondCore
import PondRuntime

/// The client's side of the exchange that turns a byte channel into a WebSocket.
///
/// The channel keeps it alive until the transport takes over or the end was told.
package final class WebSocketOpening {
    private enum State {
        /// The request is out; can become `declining` or `done`.
        case asked
        /// The server answered with something else than 101, and its words are still coming; can become `done`.
        case declining(HTTPResponseHead, body: [UInt8])
        /// The completion was called.
        case done
    }

    private static let maximumDeclineBytes = 8 * 1024

    private let channel: ByteChannel
    private let key = WebSocketHandshake.makeKey()
    private let context: WebSocketContext
    private var decoder: HTTPResponseDecoder
    private var state = State.asked
    private var deadline: TimerID?
    private var completion: ((Result<any Transport, PondError>) -> Void)?

    private init(
        _ channel: ByteChannel,
        limits: Limits,
        deflate: DeflateOptions?,
        completion: @escaping (Result<any Transport, PondError>) -> Void
    ) {
        self.channel = channel
        self.context = WebSocketContext(limits: limits, deflate: deflate)
        self.decoder = HTTPResponseDecoder(
            maximumHeadBytes: limits.handshakeBytes,
            maximumFields: limits.headerCount,
            maximumBodyBytes: Self.maximumDeclineBytes
        )
        self.completion = completion
    }

    /// Asks the server on this channel to speak WebSocket. Calls `completion` once, on the channel's loop.
    package static func begin(
        on channel: ByteChannel,
        target: String,
        authority: String,
        headers: HTTPHeaders,
        limits: Limits,
        deflate: DeflateOptions? = nil,
        deadline: Duration,
        completion: @escaping (Result<any Transport, PondError>) -> Void
    ) {
        let opening = WebSocketOpening(channel, limits: limits, deflate: deflate, completion: completion)
        channel.receiver = opening
        let fields = WebSocketHandshake.request(host: authority, key: opening.key, deflate: deflate, headers: headers)
        channel.write(HTTPEncoder.requestHead("GET", target: target, headers: fields))
        opening.deadline = channel.loop.schedule(after: deadline) { [weak opening] in
            opening?.fail(.timeout("The server did not answer the handshake in time"))
        }
    }

    private func received(_ bytes: UnsafeMutableRawBufferPointer) {
        var input = UnsafeRawBufferPointer(bytes)
        do throws(HTTPFault) {
            while let part = try self.decoder.next(&input) {
                switch (self.state, part) {
                case (.asked, .head(let head)):
                    if head.status == 101 { return try self.upgrade(head, rest: Array(input)) }
                    self.state = .declining(head, body: [])
                case (.declining(let head, let body), .body(let more)):
                    self.state = .declining(head, body: body + more)
                case (.declining(let head, let body), .end): return self.decline(head, body)
                default: return self.fail(Self.fault("The server's answer makes no sense"))
                }
            }
        } catch {
            if case .declining(let head, let body) = self.state { return self.decline(head, body) }
            self.fail(Self.fault(error.message))
        }
    }

    private func upgrade(_ head: HTTPResponseHead, rest: [UInt8]) throws(HTTPFault) {
        let agreed = try WebSocketHandshake.check(head, key: self.key, deflate: self.context.deflate)
        let transport = WebSocketTransport(self.channel, role: .client, context: self.context, deflate: agreed)
        self.complete(.success(transport))
        transport.begin(after: rest)
    }

    private func decline(_ head: HTTPResponseHead, _ body: [UInt8]) {
        let text = String(decoding: body.prefix(512), as: UTF8.self).filter { !$0.isNewline }
        self.fail(PondError(declined: head.status, message: text, headers: head.headers))
    }

    private func fail(_ error: PondError) {
        guard self.completion != nil else { return }
        self.complete(.failure(error))
        self.channel.abort()
    }

    private func complete(_ result: Result<any Transport, PondError>) {
        let completion = self.completion
        self.completion = nil
        self.state = .done
        if let deadline = self.deadline { self.channel.loop.cancel(deadline) }
        self.deadline = nil
        completion?(result)
    }

    private static func fault(_ message: String) -> PondError {
        PondError(code: 502, kind: .transport, message: message, temporary: true)
    }
}

extension WebSocketOpening: ByteChannelReceiver {
    package func channel(_ channel: ByteChannel, received bytes: UnsafeMutableRawBufferPointer) { self.received(bytes) }

    package func channelInputEnded(_ channel: ByteChannel) {
        if case .declining(let head, let body) = self.state { return self.decline(head, body) }
        self.fail(Self.fault("The server closed the connection during the handshake"))
    }

    package func channel(_ channel: ByteChannel, ended end: ByteChannelEnd) {
        if case .declining(let head, let body) = self.state { return self.decline(head, body) }
        self.fail(Self.fault("The connection ended during the handshake: \(end)"))
    }
}
