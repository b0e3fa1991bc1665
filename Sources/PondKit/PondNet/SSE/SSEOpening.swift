package import PondCore
import PondRuntime

/// One attempt to open an event stream on a byte channel: request out, response head in.
///
/// It belongs to the channel's loop. The channel keeps it alive until it is done.
package final class SSEOpening {
    private enum State {
        /// Waits for the response's head; can become `refused` or `done`.
        case waiting
        /// Collects the words of a refusal; becomes `done`.
        case refused(HTTPResponseHead, body: [UInt8])
        /// The completion was called.
        case done
    }

    private let target: ClientTarget
    private let dial: SSEClientTransport.Dial
    private var state = State.waiting
    private var decoder: HTTPResponseDecoder
    private var deadline: TimerID?
    private var completion: ((Result<any Transport, PondError>) -> Void)?

    private init(
        _ target: ClientTarget,
        dial: @escaping SSEClientTransport.Dial,
        completion: @escaping (Result<any Transport, PondError>) -> Void
    ) {
        self.target = target
        self.dial = dial
        self.completion = completion
        self.decoder = HTTPResponseDecoder(
            maximumHeadBytes: target.limits.handshakeBytes,
            maximumFields: target.limits.headerCount,
            maximumBodyBytes: nil
        )
    }

    /// Asks for a stream on a fresh channel; `dial` opens further ones for what goes up.
    package static func open(
        _ channel: ByteChannel,
        to target: ClientTarget,
        dial: @escaping SSEClientTransport.Dial,
        completion: @escaping (Result<any Transport, PondError>) -> Void
    ) {
        let opening = SSEOpening(target, dial: dial, completion: completion)
        channel.receiver = opening
        var headers = target.headers
        headers["Host"] = target.authority
        headers["Accept"] = "text/event-stream"
        headers["Cache-Control"] = "no-cache"
        channel.write(HTTPEncoder.requestHead("GET", target: target.requestTarget, headers: headers))
        opening.deadline = channel.loop.schedule(after: target.deadline) { [weak opening] in
            opening?.fail(.timeout("The server did not answer in time"), channel)
        }
    }

    private func fail(_ error: PondError, _ channel: ByteChannel) {
        channel.abort()
        self.complete(.failure(error), channel)
    }

    private func complete(_ result: Result<any Transport, PondError>, _ channel: ByteChannel) {
        if let deadline = self.deadline { channel.loop.cancel(deadline) }
        self.deadline = nil
        self.state = .done
        let completion = self.completion
        self.completion = nil
        completion?(result)
    }

    private func decline(_ channel: ByteChannel) {
        guard case .refused(let head, let body) = self.state else { return }
        let message = String(decoding: body.prefix(512), as: UTF8.self)
        let error = PondError(declined: head.status, message: message, headers: head.headers)
        self.fail(error, channel)
    }

    private func take(_ head: HTTPResponseHead, _ input: UnsafeRawBufferPointer, _ channel: ByteChannel) {
        guard head.status == 200 else {
            self.state = .refused(head, body: [])
            return
        }
        let type = head.headers["Content-Type"] ?? ""
        guard HTTPHeaders.equal(type.prefix { $0 != ";" }.trimmingHTTPSpace(), "text/event-stream"),
            let id = head.headers["X-Connection-ID"]
        else {
            return self.fail(
                PondError(code: 502, kind: .transport, message: "The server did not open an event stream"),
                channel
            )
        }
        var headers = self.target.headers
        headers["Host"] = self.target.authority
        headers["X-Connection-ID"] = id
        let transport = SSEClientTransport(
            channel,
            response: self.decoder,
            limits: self.target.limits,
            uplink: SSEUplink(
                target: self.target.requestTarget,
                headers: headers,
                on: channel.loop,
                answerTime: self.target.answerTime,
                dial: self.dial
            )
        )
        // The application sets its receiver before the first event is given out.
        self.complete(.success(transport), channel)
        transport.begin(after: Array(input))
    }
}

extension SSEOpening: ByteChannelReceiver {
    package func channel(_ channel: ByteChannel, received bytes: UnsafeMutableRawBufferPointer) {
        var input = UnsafeRawBufferPointer(bytes)
        do throws(HTTPFault) {
            while true {
                if case .done = self.state { return }
                guard let part = try self.decoder.next(&input) else { return }
                switch part {
                case .head(let head): self.take(head, input, channel)
                case .body(let bytes):
                    guard case .refused(let head, var body) = self.state else { return }
                    body.append(contentsOf: bytes.prefix(4096 - min(body.count, 4096)))
                    self.state = .refused(head, body: body)
                case .end: return self.decline(channel)
                }
            }
        } catch {
            self.fail(PondError(code: 502, kind: .transport, message: error.message), channel)
        }
    }

    package func channelInputEnded(_ channel: ByteChannel) {
        if case .refused = self.state { return self.decline(channel) }
        channel.close()
    }

    package func channel(_ channel: ByteChannel, ended end: ByteChannelEnd) {
        let message = "The server closed the connection: \(end)"
        self.complete(
            .failure(PondError(code: 503, kind: .transport, message: message, temporary: true)),
            channel
        )
    }
}
