import PondKit

/// Who is told of what happens on a load connection.
protocol LoadConnectionOwner: AnyObject {
    /// The connection is a member of its channel.
    func joined(_ connection: LoadConnection)
    /// A message other than the answers to connecting and joining.
    func received(_ connection: LoadConnection, _ text: UnsafeRawBufferPointer)
    /// It is over and was not meant to be.
    func failed(_ connection: LoadConnection, _ reason: String)
}

/// One client of the server: connects, upgrades, joins one channel.
final class LoadConnection {
    private enum State {
        /// TCP is on its way, then the upgrade's answer; becomes `greeting`.
        case upgrading([UInt8])
        /// Waits for CONNECTION; becomes `joining`.
        case greeting
        /// Waits for the answer to its JOIN; becomes `joined`.
        case joining
        case joined
        case over
    }

    let index: Int
    /// Which channel it is in, and which member of it it is.
    let channelIndex: Int
    let memberIndex: Int
    /// The number that the next delivery must have.
    var expected = 0
    /// Where the number stood in the last delivery.
    var numberOffset = 0

    private unowned let owner: any LoadConnectionOwner
    private let options: BenchOptions
    private var state = State.upgrading([])
    private var reader = FrameReader()
    private var channel: ByteChannel?

    init(index: Int, channelIndex: Int, memberIndex: Int, options: BenchOptions, owner: any LoadConnectionOwner) {
        self.index = index
        self.channelIndex = channelIndex
        self.memberIndex = memberIndex
        self.options = options
        self.owner = owner
    }

    var channelName: String { "\(self.options.room)/\(self.channelIndex)" }
    /// The first member of a channel sends.
    private var port: Int { self.memberIndex == 0 ? self.options.port : self.options.otherPort ?? self.options.port }

    func connect(on loop: EventLoop) {
        Connector.connect(to: self.options.host, port: self.port, on: loop, deadline: .seconds(30)) { result in
            switch result {
            case .success(let channel):
                self.channel = channel
                channel.receiver = self
                channel.write(Array(self.upgradeRequest.utf8))
            case .failure(let error):
                self.fail(error.message)
            }
        }
    }

    func send(event: String, payload: String) {
        self.send(action: "BROADCAST", event: event, payload: payload)
    }

    func close() {
        self.state = .over
        self.channel?.abort()
    }

    private var upgradeRequest: String {
        """
        GET \(self.options.path) HTTP/1.1\r
        Host: \(self.options.host):\(self.port)\r
        Upgrade: websocket\r
        Connection: Upgrade\r
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
        Sec-WebSocket-Version: 13\r
        \r\n
        """
    }

    private func send(action: String, event: String, payload: String) {
        let text = """
            {"action":"\(action)","event":"\(event)","channelName":"\(self.channelName)","requestId":"r\(self.index)",\
            "payload":\(payload)}
            """
        self.channel?.write(FrameWriter.frame(opcode: 1, Array(text.utf8)))
    }

    private func fail(_ reason: String) {
        if case .over = self.state { return }
        self.state = .over
        self.channel?.abort()
        self.owner.failed(self, reason)
    }

    private func upgraded(_ head: [UInt8], _ bytes: UnsafeRawBufferPointer) {
        let all = head + bytes
        guard let end = all.indices.first(where: { all[$0...].starts(with: [13, 10, 13, 10]) }) else {
            self.state = .upgrading(all)
            return
        }
        guard all.starts(with: Array("HTTP/1.1 101".utf8)) else {
            return self.fail(String(decoding: all.prefix { $0 != 13 }, as: UTF8.self))
        }
        self.state = .greeting
        all[(end + 4)...].withUnsafeBytes { self.read($0) }
    }

    private func read(_ bytes: UnsafeRawBufferPointer) {
        self.reader.feed(bytes) { opcode, payload in
            switch opcode {
            case 1: self.receive(payload)
            case 9: self.channel?.write(FrameWriter.frame(opcode: 10, Array(payload)))
            case 8: self.fail("closed by the server: \(Array(payload))")
            default: break
            }
        }
    }

    private func receive(_ text: UnsafeRawBufferPointer) {
        switch self.state {
        case .joined:
            self.owner.received(self, text)
        case .greeting:
            self.state = .joining
            self.send(action: "JOIN_CHANNEL", event: "JOIN_CHANNEL", payload: "{}")
        case .joining:
            let answer = String(decoding: text, as: UTF8.self)
            guard answer.contains("\"ACKNOWLEDGE\"") else { return self.fail("join refused: \(answer)") }
            self.state = .joined
            self.owner.joined(self)
        case .upgrading, .over:
            return
        }
    }
}

extension LoadConnection: ByteChannelReceiver {
    func channel(_ channel: ByteChannel, received bytes: UnsafeMutableRawBufferPointer) {
        if case .upgrading(let head) = self.state {
            self.upgraded(head, UnsafeRawBufferPointer(bytes))
        } else {
            self.read(UnsafeRawBufferPointer(bytes))
        }
    }

    func channel(_ channel: ByteChannel, ended end: ByteChannelEnd) { self.fail("\(end)") }
}
